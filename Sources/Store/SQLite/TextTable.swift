internal import Base
internal import Items
internal import SQLite

/// The table of FTS5 that holds one text index, and the statements for it.
///
/// A row is a set of tokens, all that can be asked of an item: its partition, each of its filters, each beginning of each of its words, every
/// one of them with the partition in it. So a search is an intersection of lists of row numbers that belong to one partition alone; FTS5 walks them
/// and stops where the page is full: nothing is sorted, and no prefix is gathered first. Row numbers fall as those of the items rise, so that
/// the newest come first on the way on which FTS5 reads a list as it goes; on the way back it takes apart a whole page of it for each step.
/// No text is kept (`content=''`), no places in it (`detail=none`), no lengths (`columnsize=0`). The tokens are made here, so the tokenizer
/// has only to cut at spaces.
struct TextTable: Hashable {
  enum Statement: Hashable { case insert, delete, merge, mergeSome, matches, terms, termsOfRow }

  /// Of its declaration in the file.
  let id: Int

  var name: String { "text_\(id)" }

  private static let last = 1 << 40

  /// The number of an item's row among those of the items, and of the same row here; each from the other.
  static func row(_ number: Int) -> Int { last - number }

  /// Statements that make the table.
  ///
  /// Every search looks into every segment that FTS5 has written and not merged yet. With its own settings (4 and 16) these are 16 on average,
  /// and more as the table grows; so they are 7 at any size. By itself FTS5 merges at every 64th page that it writes, up to 60 ms at once for which all
  /// writers wait; so each transaction merges a little instead (``Statement/mergeSome``), which costs as much altogether and 4 ms at most.
  var making: String {
    """
    CREATE VIRTUAL TABLE \(name) USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='ascii');
    INSERT INTO \(name) (\(name), rank) VALUES ('automerge', 0);
    INSERT INTO \(name) (\(name), rank) VALUES ('usermerge', 2);
    INSERT INTO \(name) (\(name), rank) VALUES ('crisismerge', 4);
    """
  }

  var dropping: String { "DROP TABLE \(name)" }

  /// To read what the index holds, term by term; of the connection alone.
  var makingTerms: String {
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms_\(id) USING fts5vocab('main', '\(name)', 'instance')"
  }

  func text(of statement: Statement) -> String {
    switch statement {
    case .insert: "INSERT INTO \(name) (rowid, tokens) VALUES (?1, ?2)"
    case .delete: "INSERT INTO \(name) (\(name), rowid, tokens) VALUES ('delete', ?1, ?2)"
    // below 0: all segments into one, some pages at a time
    case .merge: "INSERT INTO \(name) (\(name), rank) VALUES ('merge', -256)"
    // so many pages, where two segments of a size are there
    case .mergeSome: "INSERT INTO \(name) (\(name), rank) VALUES ('merge', ?1)"
    case .terms: "SELECT doc, term FROM temp.terms_\(id)"
    case .termsOfRow: "SELECT term FROM temp.terms_\(id) WHERE doc = ?1"
    // CROSS JOIN keeps the order of the tables: the index leads
    case .matches:
      """
      SELECT item.id, item.partition, item.sort, item.version, item.body
      FROM \(name) CROSS JOIN item ON item.id = \(Self.last) - \(name).rowid
      WHERE \(name) MATCH ?1 AND \(name).rowid > ?2 ORDER BY \(name).rowid
      """
    }
  }
}

extension Connection {
  /// Hands on the rows of a kept statement of a text index until `row` gives `false`.
  func rows(
    _ table: TextTable, _ sql: TextTable.Statement, _ values: [SQLValue], _ row: (SQLRow) throws(Fault) -> Bool
  ) throws(Fault) {
    try rows(keeping: table.text(of: sql), values, row)
  }

  func run(_ table: TextTable, _ sql: TextTable.Statement, _ values: [SQLValue]) throws(Fault) {
    try rows(table, sql, values) { _ in true }
  }
}
