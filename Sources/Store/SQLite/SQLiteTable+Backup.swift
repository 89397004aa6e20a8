public import Base
internal import Glibc
internal import SQLite

extension SQLiteTable {
  /// Copies the table as it is at one moment into a file of its own, while it is read and written.
  ///
  /// Afterwards the copy is whole and outlives a loss of power; where it fails nothing is left. Meanwhile what is written is kept beside the
  /// table as well, so the disk needs room for that. A file that is there is not replaced.
  public func backup(to target: String) throws(Fault) {
    try Self.checkFree(target)
    let staging = FileSystem.staging(for: target)
    defer { for end in ["", "-journal", "-wal", "-shm"] { try? FileSystem.remove(staging + end) } }
    let quoted = staging.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    do {
      try Opening.connect(path, settings).run("VACUUM INTO '\(quoted)'")
      try markAsCopy(staging)
    } catch { throw error.at("cannot back up to \(target)") }
    try Self.moveIntoPlace(staging, target)
  }

  /// Makes a table of a backup, at a place where none is.
  ///
  /// Positions and versions that were given out after the backup was made are not given out again, so that none of them is taken for
  /// another change or another writing.
  public static func restore(_ backup: String, to target: String) throws(Fault) {
    for file in [target, target + "-wal", target + "-shm"] { try checkFree(file) }
    try checkBackup(backup)
    let staging = FileSystem.staging(for: target)
    defer { try? FileSystem.remove(staging) }
    let sink = try FileSink(staging)
    try FileSystem.copy(backup, into: sink)
    try sink.finish(syncing: true)
    try moveIntoPlace(staging, target)
  }

  /// Read with nothing changed, not even beside it.
  private static func checkBackup(_ path: String) throws(Fault) {
    try FileSystem.checkPlain(path)
    guard try FileSystem.byteCount(of: path) > 0 else { throw Fault(.badInput, "\(path): the file is empty") }
    let connection = try Connection(path, makes: false, patience: .seconds(5))
    guard try connection.number("PRAGMA application_id") == applicationID else {
      throw Fault(.badInput, "\(path): this is a database of another program")
    }
    guard try connection.number("SELECT copied FROM state") == 1 else {
      throw Fault(.badInput, "\(path): this is no backup but a library that was in use: make a backup of it first")
    }
    try connection.checkWhole()
  }

  private static func checkFree(_ path: String) throws(Fault) {
    guard FileSystem.isThere(path) else { return }
    throw Fault(.badInput, "\(path) is there already: move it away, or choose another name")
  }

  private static func moveIntoPlace(_ staging: String, _ target: String) throws(Fault) {
    try checkFree(target)
    try FileSystem.move(staging, to: target)
    try FileSystem.sync(folder: FileSystem.folder(of: target))
  }

  /// Synced twice: SQLite syncs what it changes here, and what it copied before is only handed to the system.
  private func markAsCopy(_ path: String) throws(Fault) {
    do {
      let copy = try Connection(path, makes: false, patience: .seconds(5))
      try copy.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; UPDATE state SET copied = 1")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last.fault("read", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemError.last.fault("write", path) }
  }
}

extension Connection {
  /// Reads every page; the fault says that the file is damaged.
  func checkWhole() throws(Fault) {
    let complaints = try number("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'")
    guard complaints == 0 else { throw SQLiteFailure.fault(11, path) }  // SQLITE_CORRUPT
  }
}
