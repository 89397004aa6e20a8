public import Base
public import Items
internal import PostgreSQL

extension PostgreSQLTable {
  /// Brings many items that are not there yet, all or none, as quickly as the server takes them (`COPY`).
  ///
  /// They, their entries and their words are those that writing them one by one gives; but there are no changes, as behind readers that have passed them all.
  /// The fault is `conflict` where one of them is there already.
  public func fill(_ items: [(key: ItemKey, body: [UInt8])]) throws(Fault) {
    guard !items.isEmpty else { return }
    for item in items { try item.key.check() }
    try pool.use { (connection, _) throws(Fault) in
      try connection.transaction { () throws(Fault) in
        try connection.exchange([
          PostgreSQLStatement(PostgreSQLSQL.lock, [.integer(locks.library), .integers([])])
        ])
        _ = try ask([], on: connection)
        let numbers = try connection.exchange([
          PostgreSQLStatement("SELECT nextval('number') FROM generate_series(1, $1)", [.integer(items.count)])
        ])[0]
        var bulk = PostgreSQLBulk(
          declared, indexes: Array(schema.indexes.indices), texts: Array(schema.texts.indices))
        for (row, item) in items.enumerated() {
          let (id, entries) = (numbers.integer(row, 0), try schema.entries(of: item.body, at: item.key))
          bulk.addItem(id, item.key, item.body)
          bulk.add(id, item.key, id, entries)
          if bulk.isLarge { try bulk.flush(to: connection) }
        }
        try bulk.flush(to: connection)
      }
    }
  }
}
