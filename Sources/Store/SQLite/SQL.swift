internal import SQLite

typealias Connection = SQLiteConnection<SQL>

/// The statements that connections keep prepared.
enum SQL: Int, KeptStatement {
  case state, setNumber, setTrimmed
  case item, itemAt, insertItem, updateItem, deleteItem
  case insertEntry, updateEntry, deleteEntry, deleteLostEntries, entry, deleteEntries, countEntries
  case itemsUp, itemsDown, entriesUp, entriesDown, allItems, nextItems
  case insertChange, changes, oldChanges, deleteChanges, deleteChange, forgetBefore, forgetAfter, gap, insertGap
  case declarations, declare, undeclare, setSchema

  var text: String {
    switch self {
    case .state: "SELECT revision, schema, number, trimmed, copied FROM state"
    case .setNumber: "UPDATE state SET number = ?1"
    case .setTrimmed: "UPDATE state SET trimmed = ?1"
    case .setSchema: "UPDATE state SET schema = ?1, revision = revision + 1"
    case .item: "SELECT id, version, body FROM item WHERE partition = ?1 AND sort = ?2"
    case .itemAt: Self.oneItem
    case .insertItem: "INSERT INTO item (partition, sort, version, body) VALUES (?1, ?2, ?3, ?4) RETURNING id"
    case .updateItem: "UPDATE item SET version = ?2, body = ?3 WHERE id = ?1"
    case .deleteItem: "DELETE FROM item WHERE id = ?1"
    case .itemsUp: Self.items("ASC")
    case .itemsDown: Self.items("DESC")
    case .allItems: "SELECT partition, sort, version, body, id FROM item ORDER BY id DESC"
    case .nextItems: "SELECT partition, sort, version, body, id FROM item WHERE id > ?1 ORDER BY id LIMIT ?2"

    case .entry: Self.oneEntry
    case .insertEntry: Self.insertingEntry
    case .updateEntry: Self.updatingEntry
    case .deleteEntry: "DELETE FROM entry WHERE declaration = ?1 AND partition = ?2 AND place = ?3"
    case .deleteLostEntries: Self.deletingLostEntries
    case .deleteEntries: "DELETE FROM entry WHERE declaration = ?1"
    case .countEntries: "SELECT count(*) FROM entry WHERE declaration = ?1"
    case .entriesUp: Self.entries("ASC")
    case .entriesDown: Self.entries("DESC")

    case .insertChange: Self.insertingChange
    case .changes: Self.newChanges
    case .oldChanges: "SELECT number, time FROM change WHERE number <= ?1 ORDER BY number LIMIT ?2"
    case .deleteChanges: "DELETE FROM change WHERE number <= ?1"
    case .deleteChange: "DELETE FROM change WHERE number = ?1"
    case .forgetBefore: "UPDATE change SET old_version = NULL, old_body = NULL WHERE number = ?1"
    case .forgetAfter: "UPDATE change SET body = NULL WHERE number = ?1"
    case .gap: "SELECT 1 FROM gap WHERE since < ?1 AND until > ?1"
    case .insertGap: "INSERT INTO gap (since, until) VALUES (?1, ?2)"

    case .declarations: "SELECT id, name, text FROM declaration"
    case .declare: "INSERT INTO declaration (name, text) VALUES (?1, ?2) RETURNING id"
    case .undeclare: "DELETE FROM declaration WHERE id = ?1"
    }
  }

  /// Where its row holds another item, as what was read at another moment may say, there is none: what stands behind `+` leads nowhere by an index.
  private static let oneItem =
    "SELECT version, body FROM item WHERE id = ?1 AND +partition = ?2 AND +sort = ?3"

  private static let insertingEntry =
    "INSERT INTO entry (declaration, partition, place, version, attributes, item) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"

  private static let updatingEntry = """
    UPDATE entry SET version = ?4, attributes = ?5, item = ?6 WHERE declaration = ?1 AND partition = ?2 AND place = ?3
    """

  /// Places end with their item's key.
  private static let deletingLostEntries = "DELETE FROM entry WHERE substr(place, -length(?1)) = ?1"

  private static let insertingChange = """
    INSERT INTO change (number, time, partition, sort, old_version, old_body, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    """

  private static let oneEntry =
    "SELECT version, attributes, item FROM entry WHERE declaration = ?1 AND partition = ?2 AND place = ?3"

  private static let newChanges = """
    SELECT number, time, partition, sort, old_version, old_body, body FROM change WHERE number > ?1
    ORDER BY number LIMIT ?2
    """

  private static func items(_ order: String) -> String {
    """
    SELECT sort, version, body FROM item WHERE partition = ?1 AND sort >= ?2 AND sort < ?3
    ORDER BY sort \(order) LIMIT ?4
    """
  }

  private static func entries(_ order: String) -> String {
    """
    SELECT place, version, attributes, item FROM entry WHERE declaration = ?5 AND partition = ?1 AND place >= ?2 AND place < ?3
    ORDER BY place \(order) LIMIT ?4
    """
  }
}
