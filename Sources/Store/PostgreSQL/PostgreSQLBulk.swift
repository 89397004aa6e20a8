internal import Base
internal import Items
internal import PostgreSQL

/// Rows of many items, brought by COPY.
struct PostgreSQLBulk {
  private static let limit = 8 << 20

  private let declared: PostgreSQLOpening.Declared
  private let indexes: [Int]
  private let texts: [Int]
  private var items = PostgreSQLCopyRows()
  private var entries = PostgreSQLCopyRows()
  private var terms: [PostgreSQLCopyRows]

  /// Of some of the indexes and of the text indexes, by their numbers.
  init(_ declared: PostgreSQLOpening.Declared, indexes: [Int], texts: [Int]) {
    (self.declared, self.indexes, self.texts) = (declared, indexes, texts)
    terms = texts.map { _ in PostgreSQLCopyRows() }
  }

  var isLarge: Bool { terms.reduce(items.byteCount + entries.byteCount) { $0 + $1.byteCount } > Self.limit }

  mutating func addItem(_ id: Int, _ key: ItemKey, _ body: [UInt8]) {
    items.beginRow(fields: 5)
    items.append(id)
    items.append(Array(key.partition.utf8))
    items.append(Array(key.sort.utf8))
    items.append(id)
    items.append(body)
  }

  /// What the item has in the indexes.
  mutating func add(_ id: Int, _ key: ItemKey, _ version: Int, _ all: TableSchema.Entries) {
    for number in indexes {
      guard let entry = all.indexes[number] else { continue }
      entries.beginRow(fields: 6)
      entries.append(id)
      entries.append(declared.ids[number])
      entries.append(Array(entry.partition.utf8))
      entries.append(IndexEntry.place(sort: entry.sort, key: key))
      entries.append(version)
      entries.append(entry.attributes)
    }
    for (place, number) in texts.enumerated() {
      guard let entry = all.texts[number] else { continue }
      for term in PostgreSQLText.terms(of: entry) {
        terms[place].beginRow(fields: 2)
        terms[place].append(term)
        terms[place].append(id)
      }
    }
  }

  mutating func flush(to connection: PostgreSQLConnection) throws(Fault) {
    try connection.copy(items, into: "item (id, partition, sort, version, body)")
    try connection.copy(entries, into: "entry (item, declaration, partition, place, version, attributes)")
    for (place, number) in texts.enumerated() {
      try connection.copy(terms[place], into: "\(declared.texts[number].name) (term, item)")
    }
    (items, entries) = (PostgreSQLCopyRows(), PostgreSQLCopyRows())
    terms = texts.map { _ in PostgreSQLCopyRows() }
  }
}

/// Every item, some at a time in the order of first writing.
enum PostgreSQLWalk {
  typealias Item = (id: Int, key: ItemKey, version: Int, body: [UInt8])

  private static let sql = """
    SELECT id, partition, sort, version, body FROM (
      SELECT *, sum(octet_length(body)) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS total
      FROM (SELECT * FROM item WHERE id > $1 ORDER BY id LIMIT 1000) AS row
    ) AS found WHERE total - octet_length(body) <= \(ItemLimits.pageByteCount) ORDER BY id
    """

  static func batches(
    on connection: PostgreSQLConnection, while isWanted: () -> Bool = { true }, _ body: ([Item]) throws(Fault) -> Void
  ) throws(Fault) {
    var last = 0
    while isWanted() {
      let rows = try connection.exchange([PostgreSQLStatement(sql, [.integer(last)])])[0]
      guard rows.count > 0 else { return }
      let items = (0..<rows.count).map { row in
        Item(
          id: rows.integer(row, 0), key: ItemKey(rows.text(row, 1), rows.text(row, 2)), version: rows.integer(row, 3),
          body: rows.bytes(row, 4))
      }
      try body(items)
      last = items[items.count - 1].id
    }
  }

  static func items(on connection: PostgreSQLConnection, _ body: (Item) throws(Fault) -> Void) throws(Fault) {
    try batches(on: connection) { (items) throws(Fault) in
      for item in items { try body(item) }
    }
  }
}
