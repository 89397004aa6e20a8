internal import Base
internal import Catalog
internal import Glibc
internal import Items
internal import Library
internal import Objects
internal import Planning
internal import Store

extension Errand {
  /// Bytes of what an address gives, at most.
  private static let mostFetched = 8 << 30
  /// Bytes that stay free where it is fetched to: others write there too.
  private static let leastSpace = 1 << 30
  /// Seconds that it may take, in which all of that comes at 5 Mbit a second; and the least rate, over so many seconds.
  private static let (mostSeconds, leastBytesPerSecond, patience) = (4 * 3600, 1000, 30)
  /// How often an address is asked whose trouble may pass, and seconds before the second time.
  ///
  /// Each pause is twice the one before, so all of them take five minutes.
  static let (mostFetches, firstPause) = (7, 5)

  /// How long an address is left alone after its attempt of this number.
  static func pause(after attempt: Int) -> Duration { .seconds(firstPause << min(attempt - 1, 6)) }

  /// Fetches what the job's address gives and makes it an asset, once; the job is about that asset from then on.
  func fetch(_ source: Job.Source) throws(Fault) -> JobWork.Outcome {
    do throws(Fault) {
      let asset = try bring(source)
      try change { ($0.selection.assets, $0.waiting) = ([asset.id], nil) }
      // Its items are written down by whoever is free.
      return .stopped
    } catch {
      guard try isWanted() else { return .done }
      if error.kind == .closed, isStopped() { return .stopped }
      if JobWork.isTemporary(error), attempt < Self.mostFetches {
        let next = desk.library.now + Int(Self.pause(after: attempt) / .milliseconds(1))
        try change { $0.waiting = Job.Waiting(error.reason, attempts: attempt, most: Self.mostFetches, next: next) }
        return .again(error)
      }
      let tries = JobWork.isTemporary(error) ? " (asked \(attempt) times)" : ""
      try change { (job) in
        (job.state, job.ended, job.waiting, job.reason) = (.failed, desk.library.now, nil, error.reason + tries)
      }
      return .done
    }
  }

  private func bring(_ source: Job.Source) throws(Fault) -> Asset {
    let file = try UnnamedFile.make()
    defer { close(file) }
    var limits = Download.Limits()
    // For a moment it stands there twice: as it came, and as the library's.
    let disk = try TaskProfile.named(job.profile).diskBytes ?? .max
    (limits.byteCount, limits.reachesPrivate) = (min(Self.mostFetched, disk / 2), source.reachesPrivate)
    (limits.connectSeconds, limits.totalSeconds) = (10, Self.mostSeconds)
    (limits.stallSeconds, limits.leastBytesPerSecond) = (Self.patience, Self.leastBytesPerSecond)
    let path = "/proc/self/fd/\(file)"
    var (looked, isFull) = (Clock.now, false)
    do throws(Fault) {
      try Download(source.address, limits: limits).fetch(into: path) { _ in
        if isStopped() { return false }
        guard Clock.now - looked > 1_000_000_000 else { return true }
        looked = Clock.now
        isFull = ((try? FileSystem.freeByteCount(in: path)) ?? .max) < Self.leastSpace
        return !isFull && (try? isWanted()) ?? true
      }
    } catch {
      guard isFull else { throw error }
      throw Fault(.exhausted, "there is no space for what is fetched: it is asked for again later")
    }
    var draft = AssetDraft(group: source.group, name: Self.name(of: source.address))
    draft.tags = source.tags
    do throws(Fault) {
      return try desk.library.add(
        file: path, draft, scope: .client(job.client), examiner: examiner
      ) { _ in }.asset
    } catch {
      throw error.without(place: path)
    }
  }

  /// Whether the job still waits for what its address gives.
  private func isWanted() throws(Fault) -> Bool { try desk.read(job.id).map { isWanted($0.job) } ?? false }

  private func isWanted(_ job: Job) -> Bool {
    !job.state.isOver && job.selection.assets.isEmpty && job.round == task.number
  }

  private func change(_ edit: (inout Job) -> Void) throws(Fault) {
    try desk.library.change("the job '\(job.id)'") { () throws(Fault) in
      guard let (found, version) = try desk.read(job.id), isWanted(found) else { return ([], ()) }
      var changed = found
      edit(&changed)
      return (JobChange.update(changed, at: version), ())
    }
    if let now = try desk.read(job.id)?.job { try desk.notify(now) }
  }

  /// The last part of the path.
  private static func name(of address: String) -> String {
    let path = address.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2).last
    let name = path.map { String($0.prefix(200)) } ?? "film"
    return [".", ".."].contains(name) ? "film" : name
  }
}

extension Fault {
  /// The message, no longer than is kept of one.
  var reason: String { String(message.prefix(500)) }
}
