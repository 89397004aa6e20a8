import Base
import Catalog
import Library

/// Streams in which something begins and ends again and again.
struct EventWork {
  private let library: Library
  private let streams: Int
  private let perSecond: Double
  private let seconds: Double

  init(_ library: Library, _ words: String) throws(Fault) {
    let parts = words.split(separator: ",").map { Double($0) ?? 0 }
    guard parts.count == 3 else { throw Fault(.usage, "streams, events a second and seconds are needed") }
    (self.library, streams, perSecond, seconds) = (library, Int(parts[0]), parts[1], parts[2])
    try library.admit("local")
  }

  func run() throws(Fault) {
    let end = Clock.now + UInt64(seconds * 1e9)
    let threads = (1...streams).map { number in
      NativeThread { [self] in
        do throws(Fault) {
          while Clock.now < end { try happen(in: "cam\(number)") }
        } catch {
          stop("stream \(number): \(error.message) (\(error.cause ?? "no cause"))")
        }
      }
    }
    for thread in threads { thread.join() }
  }

  /// One event, told as a line once its end is written.
  private func happen(in stream: String) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    let half = UInt64(0.5e9 / perSecond)
    let now = library.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: "local", stream: stream, rule: "there", from: now,
      pipeline: "sha256:0")
    (event.label, event.score, event.count, event.tracks) = ("person", 0.9, 1, [1])
    try keep(event, picture: Array("\u{ff}\u{d8}\(event.id)".utf8))
    Clock.sleep(until: Clock.now + half)
    event.end(at: library.now)
    try keep(event, picture: nil)
    put("\(stream) \(event.id)\n")
    Clock.sleep(until: Clock.now + half)
  }

  /// What a server changes or ends meanwhile is tried again.
  private func keep(_ event: StreamEvent, picture: [UInt8]?) throws(Fault) {
    while true {
      do throws(Fault) { return try library.keep(event, picture: picture) } catch {
        guard error.kind == .unavailable else { throw error }
        Clock.sleep(until: Clock.now + 10_000_000)
      }
    }
  }
}
