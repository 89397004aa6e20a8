internal import Glibc
internal import Synchronization

/// A thread that does the same again and again, with a rest before each time, until it is stopped.
public final class RepeatingThread: Sendable {
  private let isStopped: Flag
  private let worker: NativeThread

  /// `complain` hears of what fails, once for each reason in a row; it is tried again after the next rest.
  public init(
    restMilliseconds: Int, complain: @escaping @Sendable (Fault) -> Void,
    _ body: @escaping @Sendable () throws(Fault) -> Void
  ) {
    let flag = Flag()
    isStopped = flag
    worker = NativeThread {
      var told: Fault?
      while flag.rest(restMilliseconds) {
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

  /// Ends the thread once what it is at is done, out of a rest within a tenth of a second; call it exactly once.
  public func stop() {
    isStopped.value.store(true, ordering: .relaxed)
    worker.join()
  }
}

private final class Flag: Sendable {
  let value = Atomic(false)

  /// `false` when it is to end.
  func rest(_ milliseconds: Int) -> Bool {
    var left = milliseconds
    while left > 0, !value.load(ordering: .relaxed) {
      usleep(UInt32(min(left, 100)) * 1000)
      left -= 100
    }
    return !value.load(ordering: .relaxed)
  }
}
