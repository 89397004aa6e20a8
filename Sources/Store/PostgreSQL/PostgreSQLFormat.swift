internal import Base
internal import Items

/// How the tables of a schema are laid out, as the steps that lead there; a library's format is the number of steps it has taken.
enum PostgreSQLFormat {
  static let steps = [first]

  /// Tables, each with a reason. Keys and bodies are `bytea`: compared byte by byte, and kept as they are, whatever the database's encoding.
  ///
  /// - `number` gives versions, which never come back, and the places of changes. That of an item's first writing is the item's `id`.
  /// - `entry` holds what a list shows. `place` is sort key, NUL, the item's partition key, NUL, its sort key. It can be longer than a row of an
  ///   index; so the index has its beginning, and what begins alike is put in order when it is read.
  /// - `change` has the transaction that wrote it: see `PostgreSQLTable+Changes`.
  /// - `life` tells where the changes of earlier lives of the database end: a restored backup, another server that took over.
  private static let first = [
    """
    CREATE TABLE state (
      id integer PRIMARY KEY CHECK (id = 1), format integer NOT NULL, revision bigint NOT NULL, schema bigint NOT NULL,
      life bigint NOT NULL, origin bytea NOT NULL,
      trimmed_life bigint NOT NULL, trimmed_tx xid8 NOT NULL, trimmed_number bigint NOT NULL
    )
    """,
    "INSERT INTO state VALUES (1, 0, 1, 0, 1, '', 0, '0', 0)",
    "CREATE SEQUENCE number AS bigint",
    """
    CREATE TABLE item (
      id bigint PRIMARY KEY, partition bytea NOT NULL, sort bytea NOT NULL, version bigint NOT NULL, body bytea NOT NULL
    ) WITH (fillfactor = 90)
    """,
    "CREATE UNIQUE INDEX item_key ON item (partition, sort)",
    """
    CREATE TABLE declaration (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name bytea NOT NULL UNIQUE, text bytea NOT NULL
    )
    """,
    """
    CREATE TABLE entry (
      item bigint NOT NULL, declaration bigint NOT NULL, partition bytea NOT NULL, place bytea NOT NULL,
      version bigint NOT NULL, attributes bytea NOT NULL, PRIMARY KEY (item, declaration)
    ) WITH (fillfactor = 90)
    """,
    "CREATE INDEX entry_place ON entry (declaration, partition, substring(place, 1, \(headCount)))",
    """
    CREATE TABLE change (
      life bigint NOT NULL, tx xid8 NOT NULL, number bigint NOT NULL, time bigint NOT NULL,
      partition bytea NOT NULL, sort bytea NOT NULL, old_version bigint, old_body bytea, body bytea,
      PRIMARY KEY (life, tx, number)
    )
    """,
    "CREATE TABLE life (life bigint PRIMARY KEY, tx xid8 NOT NULL, number bigint NOT NULL)",
  ]

  /// Bytes of a place that the index of entries has: with the longest partition key a row of it fits into a third of a page (2704 bytes).
  static let headCount = 1500
}

/// Locks of the server by number, that transactions of one library take in one order (`pg_advisory_xact_lock`).
struct PostgreSQLLocks {
  /// Every writer shares it; who must be alone has it for itself.
  let library: Int

  /// Items share so many locks: the server has room for some thousands.
  private static let stripes = 4096

  init(schema: String) {
    library = Int(bitPattern: UInt(Fingerprint.of(["ridley store", schema]))) & ~0x1fff
  }

  /// Those of some items, each once, in the order in which they are taken.
  func items(_ keys: [ItemKey]) -> [Int] {
    let stripes = keys.map { Int(Fingerprint.of([$0.partition, $0.sort]) >> 32) % Self.stripes }
    return Set(stripes).sorted().map { library + 1 + $0 }
  }
}
