/// A thread that does the same again and again, with a rest before each time, until it is stopped.
public final class RepeatingThread: Sendable {
  private let isStopped: Monitor<Bool>
  private let worker: NativeThread

  /// `complain` hears of what fails, once for each reason in a row; it is tried again after the next rest.
  public init(
    restMilliseconds: Int, complain: @escaping @Sendable (Fault) -> Void,
    _ body: @escaping @Sendable () throws(Fault) -> Void
  ) {
    let isStopped = Monitor(false)
    self.isStopped = isStopped
    worker = NativeThread {
      var told: Fault?
      while isStopped.wait(before: Clock.now + UInt64(restMilliseconds) * 1_000_000, until: { $0 ? true : nil }) == nil
      {
        do throws(Fault) {
          try body()
          told = nil
        } catch {
          if error != told { complain(error) }
          told = error
        }
      }
    }
  }

  /// Ends the thread once what it is at is done, out of a rest at once; call it exactly once.
  public func stop() {
    isStopped.update { $0 = true }
    worker.join()
  }
}
