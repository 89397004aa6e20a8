public import Base
internal import Redis

/// A way of a server's to units and back, for one frame after the other; one thread at a time.
public final class FrameLane: @unchecked Sendable {  // lent to one thread at a time
  /// What became of a frame.
  public enum Outcome: Sendable {
    case answered(FrameAnswer)
    /// No unit took it in time.
    case late
    /// A unit had taken it, and gave no answer in time.
    case lost
  }

  private let bus: FrameBus
  private let network: String
  private let id: String
  /// The name of the last entry of the answers that was seen; `nil` before there are any to look for.
  private var last: String?
  private var renewed: UInt64 = 0

  /// Milliseconds that answers stay where nobody asks for more, and nanoseconds after which that is said again.
  private static let (life, renewal) = (60_000, UInt64(15_000_000_000))
  /// Nanoseconds to take a frame back.
  private static let grace: UInt64 = 20_000_000
  /// Frames of a network that may wait, of all servers together.
  private static let mostWaiting = 256

  public init(_ bus: FrameBus, network: String) {
    (self.bus, self.network) = (bus, network)
    let words = (0..<2).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }
    id = words.joined()
  }

  /// Has a frame answered by whichever unit comes first, before a moment of ``Clock/now``.
  ///
  /// `source` says for whom it counts, where units are fair.
  /// - Throws: where Redis is away, full or refuses it; the frame is not answered then.
  public func ask(_ frame: SharedBytes, source: String, deadline: UInt64) throws(Fault) -> Outcome {
    do throws(Fault) {
      let seen = try begin(deadline)
      guard let name = try put(frame, source, deadline) else { throw noUnit() }
      return try wait(for: name, behind: seen, deadline)
    } catch {
      // what comes for it may still come, and is for nobody
      last = nil
      guard Clock.now >= deadline else { throw error }
      return .late
    }
  }

  private func call(_ words: [String], _ deadline: UInt64) throws(Fault) -> RedisReply {
    try bus.client.call(words.map { Array($0.utf8) }, before: deadline)
  }

  /// Sees to it that there is a place for answers; gives the name of its last entry.
  private func begin(_ deadline: UInt64) throws(Fault) -> String {
    let key = bus.answers(id)
    if let last, Clock.now - renewed < Self.renewal { return last }
    if let last, try call(["PEXPIRE", key, "\(Self.life)"], deadline).integer == 1 {
      renewed = Clock.now
      return last
    }
    guard let name = try call(["XADD", key, "MAXLEN", "=", "1", "*", "begin", "1"], deadline).string else {
      throw bus.unreadable()
    }
    _ = try call(["PEXPIRE", key, "\(Self.life)"], deadline)
    (last, renewed) = (name, Clock.now)
    return name
  }

  /// Where no unit keeps a stream for the network there is none, and `nil`.
  private func put(_ frame: SharedBytes, _ source: String, _ deadline: UInt64) throws(Fault) -> String? {
    let now = Clock.now
    let left = deadline > now ? (deadline - now) / 1000 : 0
    let words = ["XADD", bus.frames(network), "NOMKSTREAM", "MAXLEN", "=", "\(Self.mostWaiting)", "*"]
    let fields = ["lane", id, "left", "\(left)", "source", source, "frame"]
    return try bus.client.call((words + fields).map { Array($0.utf8) }, last: frame, before: deadline).string
  }

  private func wait(for name: String, behind seen: String, _ deadline: UInt64) throws(Fault) -> Outcome {
    var seen = seen
    while true {
      let now = Clock.now
      guard now < deadline else { return try takeBack(name) }
      let length = max(1, (deadline - now) / 1_000_000)
      let words = ["XREAD", "COUNT", "1", "BLOCK", "\(length)", "STREAMS", bus.answers(id), seen]
      let reply: RedisReply
      do throws(Fault) { reply = try call(words, deadline) } catch {
        // a server that says that nothing came may say so a tenth of a second late
        guard Clock.now >= deadline else { throw error }
        continue
      }
      guard let entry = StreamEntry(reply) else { continue }
      (seen, last) = (entry.name, entry.name)
      // another's is that of a frame that was given up
      guard entry["of"] == name else { continue }
      guard let answer = FrameAnswer(entry) else { throw bus.unreadable() }
      return .answered(answer)
    }
  }

  private func takeBack(_ name: String) throws(Fault) -> Outcome {
    let count = try call(["XDEL", bus.frames(network), name], Clock.now + Self.grace).integer
    // where it was taken, or thrown out with all that Redis had, answers may have been, too
    if count != 1 { last = nil }
    return count == 1 ? .late : .lost
  }

  private func noUnit() -> Fault { Fault(.unavailable, "\(bus.place): no unit is there that has this network") }
}

/// One entry of a stream, as XREAD and XREADGROUP give the first that they find.
struct StreamEntry {
  let name: String
  private var fields: [String: [UInt8]] = [:]

  /// `nil` where none came.
  init?(_ reply: RedisReply) {
    guard let stream = reply.elements?.first?.elements, stream.count == 2,
      let entry = stream[1].elements?.first?.elements, entry.count == 2, let name = entry[0].string
    else { return nil }
    self.name = name
    let words = entry[1].elements ?? []
    for place in stride(from: 0, to: words.count - 1, by: 2) {
      if let key = words[place].string { fields[key] = words[place + 1].bytes }
    }
  }

  subscript(_ key: String) -> String? { fields[key].map { String(decoding: $0, as: UTF8.self) } }

  func bytes(_ key: String) -> [UInt8]? { fields[key] }
}
