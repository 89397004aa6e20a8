package import Base
package import Items
internal import SQLite

/// Statements on a table's file as one writes them by hand, to compare with in benches.
package final class PlainSQL {
  package enum Value {
    case text(String)
    case blob([UInt8])
    case integer(Int)
  }

  private let connection: Connection
  private let declared: Opening.Declared
  private let schema: TableSchema

  package init(_ path: String, of table: SQLiteTable) throws(Fault) {
    connection = try Opening.connect(path, table.settings)
    (declared, schema) = (table.declared, table.schema)
  }

  /// Pages that were asked for since this was opened.
  package var pagesRead: Int { connection.pagesRead }

  /// The number by which the rows of `entry` know an index.
  package func number(of index: IndexDeclaration) throws(Fault) -> Int { declared.ids[try schema.number(of: index)] }

  /// The name of the table of FTS5, and the expression that a search asks it for.
  package func expression(of query: TextQuery, in index: TextIndexDeclaration) throws(Fault) -> (
    table: String, match: String
  ) {
    (declared.texts[try schema.number(of: index)].name, TextTokens.expression(query))
  }

  /// The rows of a statement, which is prepared once: the bytes of the first column of each.
  package func rows(_ sql: String, _ values: [Value]) throws(Fault) -> [[UInt8]] {
    var found: [[UInt8]] = []
    try connection.rows(
      keeping: sql,
      values.map { value in
        switch value {
        case .text(let text): .text(text)
        case .blob(let bytes): .blob(bytes)
        case .integer(let number): .integer(number)
        }
      }
    ) { row in
      found.append(row.bytes(0))
      return true
    }
    return found
  }

  /// Rows that stand for items, made before they are written.
  package struct Rows {
    fileprivate var items: [(key: ItemKey, body: [UInt8], entries: TableSchema.Entries)] = []
  }

  package func rows(of writes: [Write]) throws(Fault) -> Rows {
    var rows = Rows()
    for write in writes {
      guard let body = write.body else { continue }
      rows.items.append((write.key, body, try schema.entries(of: body, at: write.key)))
    }
    return rows
  }

  /// Items that are new, with their entries and words: no conditions, no versions, no changes.
  package func insert(_ rows: Rows) throws(Fault) {
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      for (key, body, entries) in rows.items {
        let id = try connection.first(
          .insertItem, [.text(key.partition), .text(key.sort), .integer(0), .utf8(body)]
        ) { $0.integer(0) }
        for (entry, declaration) in zip(entries.indexes, declared.ids) {
          guard let entry else { continue }
          let content: [SQLValue] = [.integer(0), .utf8(entry.attributes), id.map { .integer($0) } ?? .null]
          try connection.run(.insertEntry, entry.values(declaration, key) + content)
        }
        for (entry, table) in zip(entries.texts, declared.texts) {
          if let entry, let id { try TextChanges.insert(entry, id, table, connection) }
        }
      }
    }
  }
}
