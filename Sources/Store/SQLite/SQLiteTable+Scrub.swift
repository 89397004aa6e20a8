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
  /// pages keep copies of rows that went to other pages, and the `-wal` file keeps old pages until it is emptied. This ends all three, in short steps
  /// between which others write: whoever does waits for one step at most, for which 64 MiB of the file are read. Copies that SQLite makes of rows while
  /// others write on are those of rows that were there meanwhile.
  /// Changes that are kept still hold old bodies, and so do backups. The fault is `unavailable` where so much is written or read
  /// meanwhile that there is no end.
  public func scrub() throws(Fault) {
    for text in declared.texts { try merge(text) }
    try GapClearing(path, settings).run()
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
