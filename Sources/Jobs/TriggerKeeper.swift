public import Base
public import Catalog
public import Library

/// What looking at folders takes.
public struct WatchedFolders: Sendable {
  public var examiner: any MediaExaminer
  /// Whether a file of this name may be a picture or a film.
  public var isMedia: @Sendable (String) -> Bool
  /// Hears of files that are not taken, once for each.
  public var complain: @Sendable (Fault) -> Void
  /// Seconds for which a file has not changed before it is taken.
  public var settling = 5.0

  public init(
    examiner: any MediaExaminer, isMedia: @escaping @Sendable (String) -> Bool,
    complain: @escaping @Sendable (Fault) -> Void
  ) { (self.examiner, self.isMedia, self.complain) = (examiner, isMedia, complain) }
}

/// Does what triggers ask for: by a thread beside a server, or once.
public final class TriggerKeeper: Sendable {
  /// The pipeline as it is by now: its models may have other versions than when it was pinned.
  public typealias Renewal = @Sendable (Job.Pinned) throws(Fault) -> Job.Pinned

  private let triggers: TriggerDesk
  private let folders: FolderWatch
  private let renewal: Renewal
  private let lastRenewal = Monitor(UInt64(0))

  /// Milliseconds between two looks: what comes in that time is one job.
  private static let interval = 2000
  /// Nanoseconds between two looks at models.
  private static let renewalInterval: UInt64 = 30_000_000_000

  public init(_ triggers: TriggerDesk, _ watched: WatchedFolders, renewal: @escaping Renewal) {
    (self.triggers, self.renewal) = (triggers, renewal)
    folders = FolderWatch(triggers.jobs, watched)
  }

  /// Looks once at everything; `false` where something is still to come: files that are not whole, or more changes than were read in a few seconds.
  ///
  /// Models are looked at every half a minute at most. What fails does not keep the rest from being done; the first fault is thrown at the end.
  public func look(isStopped: () -> Bool = { false }) throws(Fault) -> Bool {
    var (isIdle, first) = (true, Fault?.none)
    func attempt(_ step: () throws(Fault) -> Bool) {
      do throws(Fault) { if try !step() { isIdle = false } } catch { first = first ?? error }
    }
    if lastRenewal.update({ $0 == 0 || Clock.now - $0 > Self.renewalInterval }) {
      attempt { () throws(Fault) in
        try triggers.renew(renewal)
        return true
      }
      lastRenewal.update { $0 = Clock.now }
    }
    attempt { () throws(Fault) in try folders.look(isStopped: isStopped) }
    attempt { () throws(Fault) in try triggers.follow(within: 5) }
    if let first { throw first }
    return isIdle
  }

  /// Looks again and again, until the thread is stopped, once.
  ///
  /// `complain` hears of what fails, once for each reason in a row.
  public func run(complain: @escaping @Sendable (Fault) -> Void) -> RepeatingThread {
    RepeatingThread(restMilliseconds: Self.interval, complain: complain) { [self] () throws(Fault) in _ = try look() }
  }
}

extension TriggerDesk {
  /// Starts what triggers on assets ask for, within so many seconds; `false` where that was not enough.
  @discardableResult
  public func follow(within seconds: Double) throws(Fault) -> Bool {
    try reader.apply(before: Clock.now + UInt64(seconds * 1e9))
  }
}
