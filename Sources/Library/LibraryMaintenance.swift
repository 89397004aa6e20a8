public import Base
internal import Glibc
internal import Objects
internal import Synchronization

/// A thread beside a server that keeps totals in step, and now and then takes away what is not needed any more.
public final class LibraryMaintenance: Sendable {
  private let isStopped: Mark
  private let worker: NativeThread

  /// Milliseconds between two looks at the stream of changes.
  private static let interval = 100
  /// Seconds between two collections of bytes.
  private static let collection: UInt64 = 600

  /// `complain` hears of what fails, once for each reason in a row; it is tried again.
  public init(_ library: Library, examiner: any MediaExaminer, complain: @escaping @Sendable (Fault) -> Void) {
    let stop = Mark()
    isStopped = stop
    worker = NativeThread {
      var (told, collected) = (Fault?.none, UInt64(0))
      while stop.rest(milliseconds: Self.interval) {
        do throws(Fault) {
          try library.settle(within: 5)
          if Clock.now - collected > Self.collection * 1_000_000_000 {
            try library.finishUploads(examiner: examiner)
            _ = try library.uploads.removeExpired(now: library.now / 1000)
            _ = try library.collect()
            collected = Clock.now
          }
          told = nil
        } catch {
          if error != told { complain(error) }
          told = error
        }
      }
    }
  }

  /// Ends the thread once what it is at is done; call it exactly once.
  public func stop() {
    isStopped.flag.store(true, ordering: .relaxed)
    worker.join()
  }
}

private final class Mark: Sendable {
  let flag = Atomic(false)

  /// `false` when it is to end.
  func rest(milliseconds: Int) -> Bool {
    usleep(UInt32(milliseconds) * 1000)
    return !flag.load(ordering: .relaxed)
  }
}
