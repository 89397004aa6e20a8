public import Base
internal import Glibc
internal import Synchronization

/// A thread that looks once a second whether the keys of a server were changed, and which sessions were signed out elsewhere.
public final class KeyWatch: Sendable {
  private let isStopped: Stop
  private let worker: NativeThread

  /// `complain` hears of keys that cannot be read, once for each reason in a row; the keys known before stay in force.
  public convenience init(_ ring: KeyRing, complain: @escaping @Sendable (Fault) -> Void) {
    self.init(ring, rests: 10, complain: complain)
  }

  /// Like the above, looking every so many tenths of a second.
  init(_ ring: KeyRing, rests: Int, complain: @escaping @Sendable (Fault) -> Void) {
    let stop = Stop()
    isStopped = stop
    worker = NativeThread {
      var told: Fault?
      while stop.rest(rests) {
        do throws(Fault) {
          try ring.refresh(at: Clock.date)
          told = nil
        } catch {
          if error != told { complain(error) }
          told = error
        }
      }
    }
  }

  /// Ends the thread, within a tenth of a second; call it exactly once.
  public func stop() {
    isStopped.flag.store(true, ordering: .relaxed)
    worker.join()
  }
}

private final class Stop: Sendable {
  let flag = Atomic(false)

  /// Sleeps tenths of a second; `false` when it is to end.
  func rest(_ tenths: Int) -> Bool {
    for _ in 0..<tenths {
      if flag.load(ordering: .relaxed) { return false }
      usleep(100_000)
    }
    return true
  }
}
