public import Base
public import Library

/// Threads beside a server that keep moments in step with streams and with films; those of streams wait for no film.
public final class MomentService: Sendable {
  private let threads: [RepeatingThread]
  private let ended = Monitor(false)

  /// Milliseconds between two looks at the changes.
  private static let interval = 200

  /// `complain` hears of what fails, once for each reason in a row; it is tried again.
  public init(_ library: Library, complain: @escaping @Sendable (Fault) -> Void) {
    let ended = ended
    threads = MomentReader.Part.allCases.map { part in
      let reader = MomentReader(
        library: library, part: part, complain: complain, goesOn: { !ended.update { $0 } })
      return RepeatingThread(restMilliseconds: Self.interval, complain: complain) { () throws(Fault) in
        do throws(Fault) { _ = try reader.follow(before: Clock.now + 2_000_000_000) } catch {
          // What was stopped in the middle of a film is begun again by the next server.
          guard error.kind == .closed, ended.update({ $0 }) else { throw error }
        }
      }
    }
  }

  /// Ends the threads; call it exactly once.
  public func stop() {
    ended.update { $0 = true }
    for thread in threads { thread.stop() }
  }
}
