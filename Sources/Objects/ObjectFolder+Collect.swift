public import Base
internal import Glibc

extension ObjectFolder {
  /// Takes away objects that `referenced` does not name and no lease holds; `referenced` is asked part by part, while this runs.
  ///
  /// What it names is read anew for each part, after the leases that ended before were forgotten: a reference that was written while its
  /// lease lasted is either named, or its lease still seen. Objects of uploads that are not expired count as referred to. One collection
  /// at a time: a second is `unavailable`.
  public func collect(
    referenced: (_ shard: String) throws(Fault) -> Set<ObjectName>
  ) throws(Fault) -> Collection {
    let turn = try turn()
    defer { withExtendedLifetime(turn) {} }
    for shard in ObjectName.shards { try forgetEnded(shard) }
    let uploaded = try UploadFolder(self).named
    var done = Collection()
    for shard in ObjectName.shards where FileSystem.isThere("\(path)/objects/\(shard)") {
      let needed = try referenced(shard)
      try locked(shard) { () throws(Fault) in try sweep(shard, needed.union(uploaded), &done) }
    }
    return done
  }

  /// Runs while nothing is collected; the fault is `unavailable` where a collection is under way.
  public func withoutCollection<Result>(_ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    let turn = try turn()
    defer { withExtendedLifetime(turn) {} }
    return try body()
  }

  /// Takes bytes away that were refused, at once and not at the next collection; what another holds or refers to stays.
  ///
  /// `isReferenced` is asked while nothing can be put under this name.
  public func discard(
    _ stored: StoredObject, isReferenced: (ObjectName) throws(Fault) -> Bool
  ) throws(Fault) {
    let (name, own) = (stored.name, (stored.lease as? FolderLease)?.path)
    try locked(name.shard) { () throws(Fault) in
      guard try !isHeld(name, besides: own) else { return }
      guard try !isReferenced(name), try !UploadFolder(self).named.contains(name) else { return }
      guard FileSystem.isThere(file(of: name)) else { return }
      try FileSystem.remove(file(of: name))
    }
  }

  /// Takes away files until they are at most so many bytes and all were read since a moment, those first that were read longest ago; what is
  /// held, or is an upload, stays.
  ///
  /// For a folder whose objects stand elsewhere too. Where another collects or trims, nothing is done.
  func trim(to room: Int, unusedSince oldest: Int) throws(Fault) {
    guard let turn = try? turn() else { return }
    defer { withExtendedLifetime(turn) {} }
    var files: [(name: ObjectName, byteCount: Int, used: Int)] = []
    for shard in ObjectName.shards {
      for name in try list(shard) {
        var info = stat()
        guard unsafe stat(file(of: name), &info) == 0 else { continue }
        files.append((name, Int(info.st_size), max(info.st_atim.tv_sec, info.st_mtim.tv_sec)))
      }
    }
    var total = files.reduce(0) { $0 + $1.byteCount }
    guard total > room || files.contains(where: { $0.used < oldest }) else { return }
    let uploaded = try UploadFolder(self).named
    for old in files.sorted(by: { $0.used < $1.used }) where !uploaded.contains(old.name) {
      guard total > room || old.used < oldest else { return }
      if try remove(old.name) { total -= old.byteCount }
    }
  }

  /// Takes a file away, unless it is held or is an upload.
  func drop(_ name: ObjectName) throws(Fault) {
    guard try !UploadFolder(self).named.contains(name) else { return }
    _ = try remove(name)
  }

  private func remove(_ name: ObjectName) throws(Fault) -> Bool {
    try locked(name.shard) { () throws(Fault) in
      guard try !isHeld(name, besides: nil) else { return false }
      try FileSystem.remove(file(of: name))
      return true
    }
  }

  /// Somebody has a lease of it; asked while nobody can get one.
  private func isHeld(_ name: ObjectName, besides own: String?) throws(Fault) -> Bool {
    let folder = "\(path)/leases/\(name.shard)"
    for lease in try FileSystem.list(folder) where lease.hasPrefix(name.digest) && "\(folder)/\(lease)" != own {
      // One that ended wrote its reference down before.
      guard (try? LockedFile("\(folder)/\(lease)", creates: false)) != nil else { return true }
    }
    return false
  }

  private func turn() throws(Fault) -> LockedFile {
    // A lease that ends shares it for a moment, which is waited for; a collection keeps it longer than that.
    for _ in 0..<100 {
      if let turn = try? LockedFile(collecting, waits: false) { return turn }
      usleep(2_000)
    }
    throw Fault(.unavailable, "\(path) is being collected already")
  }

  /// Forgets leases whose holders have ended.
  private func forgetEnded(_ shard: String) throws(Fault) {
    let folder = "\(path)/leases/\(shard)"
    guard FileSystem.isThere(folder) else { return }
    try locked(shard) { () throws(Fault) in
      for name in try FileSystem.list(folder) where name != ".lock" {
        if let ended = try? LockedFile("\(folder)/\(name)", creates: false) { ended.unlink() }
      }
    }
  }

  private func sweep(_ shard: String, _ needed: Set<ObjectName>, _ done: inout Collection) throws(Fault) {
    let held = Set(try FileSystem.list("\(path)/leases/\(shard)").map { $0.prefix { $0 != "." } })
    for name in try list(shard) {
      done.seen += 1
      guard !needed.contains(name) else { continue }
      guard !held.contains(name.digest[...]) else {
        done.held += 1
        continue
      }
      let byteCount = try FileSystem.byteCount(of: file(of: name))
      try FileSystem.remove(file(of: name))
      (done.removed, done.removedByteCount) = (done.removed + 1, done.removedByteCount + byteCount)
    }
  }
}
