public import Base
public import Catalog
public import Library
public import Objects

/// What looking at folders and buckets takes.
public struct WatchedFolders: Sendable {
  public var examiner: any MediaExaminer
  /// Asks for what `s3://BUCKET/PREFIX` names, with the credentials of this process.
  public var bucket: @Sendable (String) throws(Fault) -> S3Client
  /// Whether a file of this name may be a picture or a film.
  public var isMedia: @Sendable (String) -> Bool
  /// Hears of files that are not taken, once for each.
  public var complain: @Sendable (Fault) -> Void
  /// Seconds for which a file has not changed before it is taken.
  public var settling = 5.0
  /// Seconds between two looks at a bucket, at least.
  public var resting = 10.0

  public init(
    examiner: any MediaExaminer, isMedia: @escaping @Sendable (String) -> Bool,
    bucket: @escaping @Sendable (String) throws(Fault) -> S3Client, complain: @escaping @Sendable (Fault) -> Void
  ) { (self.examiner, self.isMedia, self.bucket, self.complain) = (examiner, isMedia, bucket, complain) }
}

/// Does what triggers ask for: by threads beside a server, or once.
public final class TriggerKeeper: Sendable {
  /// The pipeline as it is by now: its models may have other versions than when it was pinned.
  public typealias Renewal = @Sendable (Job.Pinned) throws(Fault) -> Job.Pinned

  private let triggers: TriggerDesk
  private let (folders, buckets): (PlaceWatch, PlaceWatch)
  private let renewal: Renewal
  private let lastRenewal = Monitor(UInt64(0))

  /// Milliseconds between two looks: what comes in that time is one job.
  private static let interval = 2000
  /// Nanoseconds between two looks at models.
  private static let renewalInterval: UInt64 = 30_000_000_000

  public init(_ triggers: TriggerDesk, _ watched: WatchedFolders, renewal: @escaping Renewal) {
    (self.triggers, self.renewal) = (triggers, renewal)
    folders = PlaceWatch(triggers.jobs, watched, isRemote: false)
    buckets = PlaceWatch(triggers.jobs, watched, isRemote: true)
  }

  /// Looks once at everything; `false` where something is still to come: files that are not whole, or more changes than were read in a few seconds.
  ///
  /// Models are looked at every half a minute at most. What fails does not keep the rest from being done; the first fault is thrown at the end.
  public func look(isStopped: () -> Bool = { false }) throws(Fault) -> Bool {
    var steps = Steps()
    steps.attempt(renew)
    steps.attempt { () throws(Fault) in try folders.look(isStopped: isStopped) }
    steps.attempt { () throws(Fault) in try buckets.look(isStopped: isStopped) }
    steps.attempt { () throws(Fault) in try triggers.follow(within: 5) }
    return try steps.end()
  }

  /// Looks again and again, until the threads are stopped, once.
  ///
  /// `complain` hears of what fails, once for each reason in a row. A bucket that is away or has much to give holds up nothing else.
  public func run(complain: @escaping @Sendable (Fault) -> Void) -> TriggerThreads {
    let isStopped = Monitor(false)
    let local = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in
      var steps = Steps()
      steps.attempt(renew)
      steps.attempt { () throws(Fault) in
        try folders.watch { isStopped.update { $0 } }
        return true
      }
      steps.attempt { () throws(Fault) in try triggers.follow(within: 5) }
      _ = try steps.end()
    }
    let remote = RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in
      try buckets.watch { isStopped.update { $0 } }
    }
    return TriggerThreads(isStopped: isStopped, threads: [local, remote])
  }

  private func renew() throws(Fault) -> Bool {
    guard lastRenewal.update({ $0 == 0 || Clock.now - $0 > Self.renewalInterval }) else { return true }
    defer { lastRenewal.update { $0 = Clock.now } }
    try triggers.renew(renewal)
    return true
  }
}

/// Steps that are all done, whichever of them fails.
private struct Steps {
  private var isIdle = true
  private var first: Fault?

  mutating func attempt(_ step: () throws(Fault) -> Bool) {
    do throws(Fault) { if try !step() { isIdle = false } } catch { first = first ?? error }
  }

  /// `false` where one has more to do; the first fault is thrown.
  func end() throws(Fault) -> Bool {
    if let first { throw first }
    return isIdle
  }
}

/// Threads that do what triggers ask for.
public final class TriggerThreads: Sendable {
  private let isStopped: Monitor<Bool>
  private let threads: [RepeatingThread]

  fileprivate init(isStopped: Monitor<Bool>, threads: [RepeatingThread]) {
    (self.isStopped, self.threads) = (isStopped, threads)
  }

  /// Ends them once the file that each is at is done, or the part of an object; call it exactly once.
  public func stop() {
    isStopped.update { $0 = true }
    for thread in threads { thread.stop() }
  }
}

extension TriggerDesk {
  /// Starts what triggers on assets ask for, within so many seconds; `false` where that was not enough.
  @discardableResult
  public func follow(within seconds: Double) throws(Fault) -> Bool {
    try reader.apply(before: Clock.now + UInt64(seconds * 1e9))
  }
}
