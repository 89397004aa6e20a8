public import Base
internal import Glibc
internal import Objects
internal import Store

extension Library {
  /// The key of the door to which nodes come, in the library's folder, where no other is named.
  ///
  /// Its backup has it too, for the owner alone, as nodes know their centre by it. A node's own key is in no backup.
  public static let doorFile = "edge/door.pem"

  /// Copies the whole library as it is at one moment into a new folder, while it is read and written.
  ///
  /// The folder is a library itself, and whole or not there. Bytes are shared with the library where both are on one disk (hard links), else
  /// copied. `progress` hears of each object.
  public func backup(to target: String, progress: (Int) -> Void = { _ in }) throws(Fault) {
    guard let table = table as? SQLiteTable, objects is ObjectFolder else {
      throw Fault(
        .unsupported,
        "the database and the bucket of this library are backed up by their own means (docs/scaling.md); 'ridley library copy' makes a library in a folder of it"
      )
    }
    guard !FileSystem.isThere(target) else {
      throw Fault(.badInput, "\(target) is there already: name a folder that is not")
    }
    let staging = FileSystem.staging(for: target)
    try FileSystem.makeFolder(staging)
    do {
      // Nothing that the copied items refer to is taken away meanwhile.
      try folder.withoutCollection { () throws(Fault) in
        try table.backup(to: "\(staging)/library.db")
        try Self.copyRights(of: "\(path)/library.db", to: "\(staging)/library.db")
        try copyObjects(to: "\(staging)/objects", progress)
      }
      try Self.copyDoor(of: path, to: staging)
      try FileSystem.move(staging, to: target)
    } catch {
      FileSystem.removeTree(staging)
      throw error
    }
  }

  /// Makes a library of a backup at a place where none is; the backup stays as it is.
  ///
  /// Positions of changes and versions that were given out after the backup are not given out again.
  public static func restore(
    _ backup: String, to target: String, progress: (Int) -> Void = { _ in }
  ) throws(Fault) {
    guard FileSystem.isThere("\(backup)/library.db") else { throw Fault(.notFound, "there is no backup in \(backup)") }
    guard !FileSystem.isThere(target) else {
      throw Fault(.badInput, "\(target) is there already: move it away, or name another folder")
    }
    let staging = FileSystem.staging(for: target)
    try FileSystem.makeFolder(staging)
    do {
      try SQLiteTable.restore("\(backup)/library.db", to: "\(staging)/library.db")
      try copyRights(of: "\(backup)/library.db", to: "\(staging)/library.db")
      let (from, count) = (try ObjectFolder("\(backup)/objects"), Monitor(0))
      try copyObjects(of: from, to: "\(staging)/objects") { count.update { $0 += 1 } }
      progress(count.update { $0 })
      try copyDoor(of: backup, to: staging)
      try FileSystem.move(staging, to: target)
    } catch {
      FileSystem.removeTree(staging)
      throw error
    }
  }

  private func copyObjects(to target: String, _ progress: (Int) -> Void) throws(Fault) {
    var count = 0
    try Self.copyObjects(of: folder, to: target) {
      count += 1
      progress(count)
    }
  }

  private static func copyObjects(of source: ObjectFolder, to target: String, _ done: () -> Void) throws(Fault) {
    _ = try ObjectFolder(target)
    for shard in ObjectName.shards {
      let names = try source.list(shard)
      guard !names.isEmpty else { continue }
      try FileSystem.makeFolder("\(target)/objects/\(shard)")
      for name in names {
        try copy(source.file(of: name), to: "\(target)/objects/\(shard)/\(name.digest)")
        done()
      }
      try FileSystem.sync(folder: "\(target)/objects/\(shard)")
    }
  }

  private static func copyDoor(of source: String, to target: String) throws(Fault) {
    let file = "\(source)/\(doorFile)"
    guard FileSystem.isThere(file) else { return }
    let folder = "\(target)/edge"
    try FileSystem.makeFolder(folder)
    guard chmod(folder, 0o700) == 0 else { throw SystemError.last.fault("write", folder) }
    try FileSystem.write(
      try FileSystem.read(file, limit: 1 << 16), to: "\(target)/\(doorFile)", isDurable: true, isSecret: true)
  }

  /// Whoever may not read the library, which may hold keys, may not read its copy either.
  private static func copyRights(of source: String, to target: String) throws(Fault) {
    var info = stat()
    guard stat(source, &info) == 0, chmod(target, info.st_mode & 0o777) == 0 else {
      throw SystemError.last.fault("write", target)
    }
  }

  /// Links where that can be, else copies; objects never change.
  private static func copy(_ source: String, to target: String) throws(Fault) {
    guard link(source, target) != 0 else { return }
    let sink = try FileSink(target)
    try FileSystem.copy(source, into: sink)
    try sink.finish(syncing: true)
  }
}
