public import Base
internal import Catalog

/// A thread beside a server that does what triggers ask for.
public final class TriggerKeeper: Sendable {
  private let thread: RepeatingThread

  /// Milliseconds between two looks at the stream of changes: what comes in that time is one job.
  private static let interval = 2000

  /// `complain` hears of what fails, once for each reason in a row; it is tried again.
  public init(_ triggers: TriggerDesk, complain: @escaping @Sendable (Fault) -> Void) {
    thread = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { () throws(Fault) in
      try triggers.follow(within: 5)
    }
  }

  /// Ends the thread once what it is at is done; call it exactly once.
  public func stop() { thread.stop() }
}

extension TriggerDesk {
  /// Starts what triggers on assets ask for, within so many seconds; `false` where that was not enough.
  @discardableResult
  public func follow(within seconds: Double) throws(Fault) -> Bool {
    try reader.apply(before: Clock.now + UInt64(seconds * 1e9))
  }
}
