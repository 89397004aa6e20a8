package import Base
package import Items
internal import SQLite

/// Makes many items at once for benches: in transactions as large as the caller likes, without a sync and without a journal.
///
/// The items, their entries and their words are those that writing them one by one gives, but there are no changes, as behind readers that have
/// passed them all. The file is the caller's alone as long as this lives; a transaction that fails leaves it unusable.
package final class TableFilling {
  private let connection: Connection
  private let schema: TableSchema
  private let declared: Opening.Declared

  /// `cache` bytes of memory keep what is in work.
  package init(_ path: String, schema: TableSchema, cache: Int) throws(Fault) {
    var settings = SQLiteTable.Settings()
    (settings.isDurable, settings.overwrites) = (false, false)
    declared = try Opening(path: path, schema: schema, format: .current, settings: settings).prepare()
    connection = try Opening.connect(path, settings)
    self.schema = schema
    try connection.run(
      "PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA cache_size = -\(cache >> 10)"
    )
  }

  /// One transaction.
  package func put(_ items: [(key: ItemKey, body: [UInt8])]) throws(Fault) {
    try connection.transaction("BEGIN IMMEDIATE") { () throws(Fault) in
      var transaction = try WriteTransaction(connection, schema, declared, time: Clock.date, records: false)
      for item in items { _ = try transaction.apply([try PreparedWrite(.put(item.key, item.body), schema)]) }
      try transaction.finish()
    }
  }
}
