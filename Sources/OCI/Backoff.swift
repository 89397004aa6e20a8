internal import Base
internal import Objects

/// How long a client waits before it asks again, and when it gives up.
struct Backoff {
  private let end: UInt64
  private var pause = 0.25
  private static let longest = 10.0

  /// Seconds from now on, in which it is tried again.
  init(seconds: Double) { end = Clock.now + UInt64(seconds * 1e9) }

  /// Sleeps for as long as the server says, else twice as long as before, somewhat varied: many clients that were refused together do not
  /// come back together.
  ///
  /// - Throws: the fault, where there is no time left for that; `closed` where `goesOn` says so, asked ten times a second.
  mutating func rest(_ answer: ServerAnswer?, or fault: Fault, goesOn: () -> Bool) throws(Fault) {
    let said = answer?["retry-after"].flatMap { Double($0) }.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    let seconds = said.map { max($0, 0.05) } ?? pause * Double.random(in: 0.5...1)
    pause = min(pause * 2, Self.longest)
    guard seconds < 86_400, Clock.now + UInt64(seconds * 1e9) < end else {
      guard let said, said >= 1 else { throw fault }
      throw Fault(
        fault.kind, "\(fault.message), and asks to wait \(Int(min(said, 1e9))) s: try again then", cause: fault.cause)
    }
    let until = Clock.now + UInt64(seconds * 1e9)
    while Clock.now < until {
      guard goesOn() else { throw Fault(.closed, "stopped") }
      Clock.sleep(until: min(until, Clock.now + 100_000_000))
    }
  }
}
