public import Base
internal import Redis

/// A frame that a unit took, and whose answer is waited for.
public struct WaitingFrame: Sendable {
  let name: String
  let lane: String
  /// For whom it counts.
  public let source: String
  /// Monotonic nanoseconds of this machine.
  public let deadline: UInt64
  public let bytes: SharedBytes
}

/// What a unit does.
extension FrameBus {
  public enum Taken: Sendable {
    case nothing
    /// It is too old to be computed, or was taken back.
    case stale
    case frame(WaitingFrame)
  }

  /// Takes the next frame of a network; waits for one a while.
  ///
  /// How old it is, is measured by the server's clock alone, from its coming to its taking: hosts may have what time they like.
  public func take(_ network: String, atMost limit: Duration) throws(Fault) -> Taken {
    let length = max(1, limit.nanoseconds / 1_000_000)
    let words = [
      "XREADGROUP", "GROUP", "units", "unit", "COUNT", "1", "BLOCK", "\(length)", "NOACK", "STREAMS", frames(network),
      ">",
    ]
    let patience = UInt64(length) * 1_000_000 + Self.patience
    let reply: RedisReply
    do throws(Fault) {
      reply = try client.call(words.map { Array($0.utf8) }, before: Clock.now + patience)
    } catch {
      // a server that was emptied or began anew has no such stream
      guard let cause = error.cause, cause.hasPrefix("NOGROUP") || cause.hasPrefix("UNBLOCKED") else { throw error }
      try keep(network)
      return .nothing
    }
    guard let entry = StreamEntry(reply) else { return .nothing }
    let came = Clock.now
    let claim = try client.run(
      FrameLua.claim, key: frames(network), [Array(entry.name.utf8)], before: came + Self.patience)
    guard let parts = claim.elements?.compactMap(\.integer), parts.count == 3,
      let begun = entry.name.split(separator: "-").first.flatMap({ Int($0) }), (0...1 << 50).contains(begun),
      parts[1] < 1 << 40, parts[2] < 1 << 40, let lane = entry["lane"],
      let left = entry["left"].flatMap({ Int($0) }), let bytes = entry.bytes("frame"), left >= 0, left < 1 << 40
    else { return .stale }
    let age = parts[1] * 1_000_000 + parts[2] - begun * 1000
    guard parts[0] == 1, age < left else { return .stale }
    let frame = WaitingFrame(
      name: entry.name, lane: lane, source: entry["source"] ?? "",
      deadline: came + UInt64(left - max(0, age)) * 1000, bytes: SharedBytes(bytes))
    return .frame(frame)
  }

  /// Makes the stream of a network anew, until the unit says again that it is there.
  private func keep(_ network: String) throws(Fault) {
    let (key, deadline) = (frames(network), Clock.now + Self.patience)
    do throws(Fault) {
      _ = try client.call(
        ["XGROUP", "CREATE", key, "units", "0", "MKSTREAM"].map { Array($0.utf8) }, before: deadline)
    } catch { guard error.cause?.hasPrefix("BUSYGROUP") == true else { throw error } }
    _ = try client.call(["PEXPIRE", key, "\(FrameLua.streamLife)"].map { Array($0.utf8) }, before: deadline)
  }

  /// Answers a frame; where nobody waits any more, nothing is kept.
  public func answer(_ frame: WaitingFrame, _ answer: FrameAnswer) throws(Fault) {
    let words = ["XADD", answers(frame.lane), "NOMKSTREAM", "MAXLEN", "=", "2", "*"]
    var fields = ["of", frame.name, "took", "\(answer.inferred)"]
    // an answer that comes later than this is for nobody
    let deadline = max(frame.deadline, Clock.now) + Self.patience
    switch answer.content {
    case .failed(let reason):
      fields += ["failed", reason]
      _ = try client.call((words + fields).map { Array($0.utf8) }, before: deadline)
    case .outputs(_, let bytes):
      fields += ["shapes", answer.shapes, "outputs"]
      _ = try client.call((words + fields).map { Array($0.utf8) }, last: bytes, before: deadline)
    }
  }

  /// Nanoseconds in which a server answers that is there.
  private static let patience: UInt64 = 1_000_000_000
}
