internal import Base
internal import Items
internal import SQLite

/// What the transactions of one group make of the text indexes, written together at their end.
///
/// FTS5 gathers what one transaction writes as long as row numbers rise, and begins a new segment where they do not: so they are put in order
/// first, and an item that was written several times counts once. Only the tokens that come and go are written, so a change of
/// a state costs two, whatever the length of the name.
struct TextChanges {
  private struct Change {
    let old: TextEntry?
    var new: TextEntry?
  }

  /// Pages that are merged for each item that is written, and for all of a transaction.
  private static let (mergedPages, mostMergedPages) = (8, 256)

  /// By row number, one dictionary a text index.
  private var changes: [[Int: Change]]

  init(count: Int) { changes = Array(repeating: [:], count: count) }

  /// A row had some entries and has others from here on; `nil` for a row that was not there, or is not any more.
  mutating func note(row: Int, old: [TextEntry?]?, new: [TextEntry?]?) {
    for index in changes.indices {
      let (old, new) = (old?[index], new?[index])
      guard old != nil || new != nil || changes[index][row] != nil else { continue }
      changes[index][row, default: Change(old: old, new: nil)].new = new
    }
  }

  func write(to tables: [TextTable], _ connection: Connection) throws(Fault) {
    for (table, changes) in zip(tables, changes) {
      for (row, change) in changes.sorted(by: { $0.key > $1.key }) {
        try Self.write(change, row, table, connection)
      }
      guard !changes.isEmpty else { continue }
      let pages = min(Self.mergedPages * changes.count, Self.mostMergedPages)
      try connection.run(table, .mergeSome, [.integer(pages)])
    }
  }

  /// The tokens that go must be those that are there: the old body gives them exactly.
  private static func write(
    _ change: Change, _ row: Int, _ table: TextTable, _ connection: Connection
  ) throws(Fault) {
    if let old = change.old, let new = change.new, old.isSame(as: new) { return }
    let row = TextTable.row(row)
    let old = change.old.map { TextTokens.all(of: $0) }
    let new = change.new.map { TextTokens.all(of: $0) }
    // both are said also where one has no tokens: FTS5 counts rows
    if let old { try connection.run(table, .delete, [.integer(row), .utf8(text(old.subtracting(new ?? [])))]) }
    if let new { try connection.run(table, .insert, [.integer(row), .utf8(text(new.subtracting(old ?? [])))]) }
  }

  /// An entry where none was.
  static func insert(_ entry: TextEntry, _ row: Int, _ table: TextTable, _ connection: Connection) throws(Fault) {
    try connection.run(table, .insert, [.integer(TextTable.row(row)), .utf8(text(TextTokens.all(of: entry)))])
  }

  /// Takes away whatever stands there of a row, where nothing else tells what that is: all of the index is read for it.
  static func deleteAll(of row: Int, _ table: TextTable, _ connection: Connection) throws(Fault) {
    let row = SQLValue.integer(TextTable.row(row))
    var tokens: Set<[UInt8]> = []
    try connection.run(table.makingTerms)
    try connection.rows(table, .termsOfRow, [row]) { found in
      tokens.insert(found.bytes(0))
      return true
    }
    if !tokens.isEmpty { try connection.run(table, .delete, [row, .utf8(text(tokens))]) }
  }

  private static func text(_ tokens: Set<[UInt8]>) -> [UInt8] { Array(tokens.joined(separator: [UInt8(ascii: " ")])) }
}
