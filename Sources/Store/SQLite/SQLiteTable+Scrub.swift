public import Base
public import Items

extension SQLiteTable {
  public func forgetChanges(_ isMeant: @Sendable (Change) throws(Fault) -> Bool) throws(Fault) {
    var position = try read { (_, state) in ChangePosition(state.trimmed) }
    while true {
      let page = try changes(after: position, limit: 1000)
      var numbers: [Int] = []
      for change in page.changes where try isMeant(change) {
        if let number = change.position.number { numbers.append(number) }
      }
      if !numbers.isEmpty {
        _ = try queue.run { [numbers] (transaction) throws(Fault) in
          try transaction.forget(numbers)
          return .conflict([])
        }
      }
      position = page.position
      if !page.hasMore { return }
    }
  }

  /// Deleted cells and pages are zeroed as they are freed (`secure_delete`); what is left are old entries of text indexes, which a merge drops,
  /// and old pages in the log of writes, which a checkpoint empties.
  public func scrub() throws(Fault) {
    let connection = try Opening.connect(path, settings)
    for text in declared.texts { try connection.run("INSERT INTO \(text.name) (\(text.name)) VALUES ('optimize')") }
    let isBusy = try connection.number("PRAGMA wal_checkpoint(TRUNCATE)")
    guard isBusy == 0 else {
      throw Fault(.unavailable, "\(path) is being read: what was deleted is not gone from the disk yet; try again")
    }
  }
}
