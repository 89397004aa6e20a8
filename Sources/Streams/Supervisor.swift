internal import Base

/// Keeps one of a stream's addresses connected: what is done over a connection is handed in, and done again after a rest where it fails.
struct Supervisor {
  /// False once the stream is to end.
  let goesOn: () -> Bool
  /// Says where the address stands, and why.
  let enter: (StreamState, String?) -> Void
  /// A picture came from it, over this connection or one before.
  let isUnderstood: () -> Bool
  /// Waits for a moment, and no longer than until one in monotonic nanoseconds.
  let wait: (UInt64) -> Void
  private var backoff = Backoff()

  /// Seconds until an address is tried again that somebody has to do something about.
  private static let longRest = 30.0

  init(
    goesOn: @escaping () -> Bool, enter: @escaping (StreamState, String?) -> Void,
    isUnderstood: @escaping () -> Bool, wait: @escaping (UInt64) -> Void
  ) {
    (self.goesOn, self.enter, self.isUnderstood, self.wait) = (goesOn, enter, isUnderstood, wait)
  }

  /// Has `watch` done over one connection after the other, until it says that nothing more is to come, which is then so.
  mutating func run(_ watch: () throws(Fault) -> Bool) {
    var reason: String?
    while goesOn() {
      enter(.connecting, reason)
      let began = Clock.now
      do throws(Fault) {
        if try watch() {
          let isAnswered = goesOn() || isUnderstood()
          return enter(.ended, isAnswered ? nil : reason ?? "no picture came before it was ended")
        }
        reason = nil
      } catch {
        guard goesOn() else { return }
        reason = error.message
        // What was once understood is not wrong for good: nonsense is a fault of the line, or of a camera that begins anew.
        let isLasting = [.denied, .unsupported].contains(error.kind) || error.kind == .badInput && !isUnderstood()
        enter(isLasting ? .failed : .waiting, reason)
        let failed = Clock.now
        let rest = backoff.next(began: began, failed: failed, chance: .random(in: 0...1))
        let end = failed + UInt64((isLasting ? Self.longRest : rest) * 1e9)
        while goesOn(), Clock.now < end { wait(end) }
      }
    }
  }
}
