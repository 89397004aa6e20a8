internal import Base
internal import Catalog
internal import Glibc
internal import Items
internal import Library
internal import Objects
internal import Planning
internal import Store

extension JobWork {
  /// Bytes of what an address gives, at most.
  private static let mostFetched = 8 << 30

  /// Fetches what a job's address gives and makes it an asset, once; the job is about that asset from then on.
  func fetch(_ source: Job.Source, of job: Job) throws(Fault) {
    do throws(Fault) {
      let file = try UnnamedFile.make()
      defer { close(file) }
      var limits = Download.Limits()
      // For a moment it stands there twice: as it came, and as the library's.
      let disk = try TaskProfile.named(job.profile).diskBytes ?? .max
      (limits.byteCount, limits.reachesPrivate) = (min(Self.mostFetched, disk / 2), source.reachesPrivate)
      try Download(source.address, limits: limits).fetch(into: "/proc/self/fd/\(file)") { _ in
        beat()
        return !isStopped()
      }
      var draft = AssetDraft(group: source.group, name: Self.name(of: source.address))
      draft.tags = source.tags
      let asset = try desk.library.add(
        file: "/proc/self/fd/\(file)", draft, scope: .client(job.client), examiner: examiner
      ) { [beat] _ in beat() }.asset
      try change(job) { $0.selection.assets = [asset.id] }
    } catch {
      if Self.isTemporary(error) { throw error }
      try change(job) { (job) in
        (job.state, job.ended, job.cursor) = (.failed, desk.library.now, nil)
        job.reason = String(error.without(place: "/proc/self/fd").message.prefix(500))
      }
    }
  }

  private func change(_ job: Job, _ edit: (inout Job) -> Void) throws(Fault) {
    try desk.library.change("the job '\(job.id)'") { () throws(Fault) in
      guard let (found, version) = try desk.read(job.id), !found.state.isOver, found.selection.assets.isEmpty else {
        return ([], ())
      }
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
