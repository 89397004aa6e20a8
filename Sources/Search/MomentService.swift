public import Base
public import Library

/// Threads beside a server that keep moments in step with streams and with films, and ask the alerts of them; those of streams wait for no film, and
/// those of moments for no alert.
public final class MomentService: Sendable {
  private let threads: [RepeatingThread]
  private let ended = Monitor(false)

  /// Milliseconds between two looks at the changes.
  private static let interval = 200
  private static let turn: UInt64 = 2_000_000_000
  /// Nanoseconds until films are tried again that could not be read.
  private static let retry: UInt64 = 60_000_000_000

  /// `complain` hears of what fails, once for each reason in a row; it is tried again.
  public init(_ library: Library, complain: @escaping @Sendable (Fault) -> Void) {
    let (ended, retried) = (ended, Monitor(UInt64(0)))
    let goesOn: @Sendable () -> Bool = { !ended.update { $0 } }
    func thread(_ body: @escaping @Sendable (UInt64) throws(Fault) -> Void) -> RepeatingThread {
      RepeatingThread(restMilliseconds: Self.interval, complain: complain) { () throws(Fault) in
        do throws(Fault) { try body(Clock.now + Self.turn) } catch {
          // What was stopped in the middle of a film is begun again by the next server.
          guard error.kind == .closed, ended.update({ $0 }) else { throw error }
        }
      }
    }
    threads = MomentReader.Part.allCases.flatMap { part in
      let moments = MomentReader(library: library, part: part, complain: complain, goesOn: goesOn)
      let alerts = AlertReader(library: library, part: part, complain: complain, goesOn: goesOn)
      return [
        thread { (deadline) throws(Fault) in
          _ = try moments.follow(before: deadline)
          guard part == .analyses, Clock.now - retried.update({ $0 }) > Self.retry else { return }
          retried.update { $0 = Clock.now }
          try MomentSet.retryMissed(library, complain: complain)
        },
        thread { (deadline) throws(Fault) in try alerts.follow(before: deadline) },
      ]
    }
  }

  /// Ends the threads; call it exactly once.
  public func stop() {
    ended.update { $0 = true }
    for thread in threads { thread.stop() }
  }
}
