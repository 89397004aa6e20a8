internal import Base
public import Delivery
public import Jobs
public import Library

/// The library behind the routes, and the threads that wait for its disk in place of the connections' own.
public final class LibraryDesk: Sendable {
  public let library: Library
  let jobs: JobDesk
  let examiner: any MediaExaminer
  let finder: any FrameFinder
  let feed: Feed
  let threads = FairThreadPool(threads: 4, limit: 256)
  /// For what takes long, such as frames that are decoded and exports, so that look-ups do not wait behind it.
  let slowThreads = FairThreadPool(threads: 2, limit: 64)

  let deliveries: DeliveryDesk
  /// What tells targets, where this server does.
  let teller: DeliveryService?
  /// Everybody who may add targets may have addresses of this machine and of local networks told.
  let privateTargets: Bool

  public init(
    _ jobs: JobDesk, examiner: any MediaExaminer, finder: any FrameFinder, teller: DeliveryService? = nil,
    privateTargets: Bool = false
  ) {
    (deliveries, self.teller, self.privateTargets) = (DeliveryDesk(jobs.library), teller, privateTargets)
    (self.jobs, library, self.examiner, self.finder) = (jobs, jobs.library, examiner, finder)
    feed = Feed { [library] in try? library.lastPosition() }
  }
}
