/// How the tables of a file are laid out, as the steps that lead there; a file's format is the number of steps it has taken.
///
/// Each step but the first can be taken back, so that the version of Ridley before this one can go on with the file.
struct Format: Sendable {
  struct Step: Sendable {
    let forward: String
    let back: String
  }

  let steps: [Step]

  static let current = Format(steps: [Step(forward: first, back: ""), places])

  /// Entries say in which row their item is: `item` leads there by numbers alone, so that what an index finds costs one level of a tree more
  /// for some hundred times as many items, where `item_key`, whose pages hold whole keys, has one more for each ten times.
  ///
  /// Entries that were there before have none, and their items are found by key. An older program that has the file open writes none either, and
  /// never a wrong one: an item keeps its row as long as it is there, and its entries go with it.
  private static let places = Step(
    forward: "ALTER TABLE entry ADD COLUMN item INTEGER", back: "ALTER TABLE entry DROP COLUMN item")

  /// Tables, each with a reason.
  ///
  /// - `item` is in the order of writing, so what one transaction wrote lies together, and no large body is passed when a key is
  ///   looked for; `item_key` leads to it.
  /// - `entry` holds what a list shows, in the order of the list. `place` is sort key, NUL, the item's partition key, NUL, its sort key.
  /// - `number` counts writes; it is the version of what was put, and the place of its change.
  /// - `gap` holds the numbers that a restored backup never gives out: they may have been given out in the life that it ended.
  private static let first = """
    CREATE TABLE state (
      id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, schema INTEGER NOT NULL, number INTEGER NOT NULL,
      trimmed INTEGER NOT NULL, copied INTEGER NOT NULL
    );
    INSERT INTO state VALUES (1, 1, 0, 0, 0, 0);
    CREATE TABLE item (
      id INTEGER PRIMARY KEY, partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL
    );
    CREATE UNIQUE INDEX item_key ON item (partition, sort);
    CREATE TABLE declaration (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
    CREATE TABLE entry (
      declaration INTEGER NOT NULL, partition TEXT NOT NULL, place BLOB NOT NULL, version INTEGER NOT NULL,
      attributes TEXT NOT NULL, PRIMARY KEY (declaration, partition, place)
    ) WITHOUT ROWID;
    CREATE TABLE change (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, partition TEXT NOT NULL, sort TEXT NOT NULL,
      old_version INTEGER, old_body TEXT, body TEXT
    );
    CREATE TABLE gap (since INTEGER PRIMARY KEY, until INTEGER NOT NULL);
    """
}
