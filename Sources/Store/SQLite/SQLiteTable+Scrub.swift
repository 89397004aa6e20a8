public import Base
public import Items
internal import SQLite

extension SQLiteTable {
  public func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    var position = try read { (_, state) in ChangePosition(state.trimmed) }
    while true {
      let page = try changes(after: position, limit: 1000)
      var fates: [(number: Int, fate: ChangeFate)] = []
      for change in page.changes {
        let fate = try fate(change)
        let hasBoth = change.before != nil && change.after != nil
        guard fate != .keep, let number = change.position.number else { continue }
        fates.append((number, hasBoth ? fate : .forget))
      }
      if !fates.isEmpty {
        _ = try queue.run { [fates] (transaction) throws(Fault) in
          try transaction.forget(fates)
          return .conflict([])
        }
      }
      position = page.position
      if !page.hasMore { return }
    }
  }

  /// Leaves nothing in the table's files of what was deleted, replaced or trimmed before.
  ///
  /// Freed places are overwritten as they become free. Three things are longer there: a text index keeps words of deleted items until it is merged,
  /// pages keep copies of rows that went to other pages, and the `-wal` file keeps old pages until it is emptied. This ends all three: the first in short
  /// steps between which others write, the second while others wait for as long as it takes to read the file once.
  /// Changes that are kept still hold old bodies, and so do backups. The fault is `unavailable` where so much is written or read
  /// meanwhile that there is no end.
  public func scrub() throws(Fault) {
    for text in declared.texts { try merge(text) }
    let connection = try Opening.connect(path, settings)
    let deadline = Clock.now + UInt64(settings.answer / .nanoseconds(1))
    while true {
      try emptyLog(connection)
      let isCleared = try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
        // The newest form of a page must stand in the file itself.
        guard try FileSystem.byteCount(of: path + "-wal") == 0 else { return false }
        _ = try connection.clearGaps(syncing: settings.isDurable)
        return true
      }
      if isCleared { return try emptyLog(connection) }
      guard Clock.now < deadline else {
        throw Fault(.unavailable, "\(path): so much is written that old rows were not taken away yet: try again")
      }
    }
  }

  private func emptyLog(_ connection: Connection) throws(Fault) {
    guard try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else {
      throw Fault(.unavailable, "\(path): old pages are still read, so they were not taken away yet: try again")
    }
  }

  private func merge(_ text: TextTable) throws(Fault) {
    let pages = try read { (connection, _) throws(Fault) in
      try connection.number("SELECT count(*) FROM \(text.name)_data")
    }
    let isMerged = Monitor(false)
    // each step writes up to 256 pages
    for _ in 0..<100 + pages / 32 {
      _ = try queue.run { (transaction) throws(Fault) in
        let merged = try transaction.merge(text)
        isMerged.update { $0 = !merged }
        return .conflict([])
      }
      if isMerged.update({ $0 }) { return }
    }
    throw Fault(.unavailable, "\(path): so much is written that its old words were not taken away yet: try again")
  }
}
