internal import Base
internal import Items
internal import PostgreSQL

/// The table that holds one text index, and the statements for it.
///
/// A row is a term that an item can be found by (its partition, each of its filters, each beginning of each of its words, as a hash with the
/// partition in it) and the item's number. A search is an intersection of lists of numbers, walked from the highest down by jumping in each list to
/// where the others are: a few pages for each jump, nothing sorted, and it ends where the page is full.
struct PostgreSQLText: Hashable {
  /// Of its declaration in the database.
  let id: Int

  var name: String { "text_\(id)" }

  var making: String { "CREATE TABLE \(name) (term bigint NOT NULL, item bigint NOT NULL)" }

  /// When it holds what the items that were there make of it: an index is made quicker at once than row by row.
  var finishing: [String] {
    [
      "ALTER TABLE \(name) ADD PRIMARY KEY (term, item)",
      """
      CREATE FUNCTION \(name)_matches(terms bigint[], below bigint, wanted bigint) RETURNS SETOF bigint
      LANGUAGE plpgsql STABLE AS $$
      DECLARE
        place bigint := below - 1; found bigint; agreed integer := 0; given bigint := 0;
        total integer := array_length(terms, 1); list integer := 1;
      BEGIN
        LOOP
          SELECT item INTO found FROM \(name) WHERE term = terms[list] AND item <= place ORDER BY item DESC LIMIT 1;
          IF found IS NULL THEN RETURN; END IF;
          IF found = place THEN agreed := agreed + 1; ELSE agreed := 1; place := found; END IF;
          IF agreed = total THEN
            RETURN NEXT place;
            given := given + 1;
            IF given = wanted THEN RETURN; END IF;
            place := place - 1;
            agreed := 0;
          END IF;
          list := list % total + 1;
        END LOOP;
      END $$
      """,
    ]
  }

  var dropping: [String] { ["DROP FUNCTION \(name)_matches(bigint[], bigint, bigint)", "DROP TABLE \(name)"] }

  func insert(_ rows: [(term: Int, item: Int)]) -> PostgreSQLStatement {
    PostgreSQLStatement(
      "INSERT INTO \(name) (term, item) SELECT * FROM unnest($1::bigint[], $2::bigint[])", Self.values(rows))
  }

  func delete(_ rows: [(term: Int, item: Int)]) -> PostgreSQLStatement {
    PostgreSQLStatement(
      """
      DELETE FROM \(name) AS t USING unnest($1::bigint[], $2::bigint[]) AS u (term, item)
      WHERE t.term = u.term AND t.item = u.item
      """, Self.values(rows))
  }

  /// How many of some rows are there, by item.
  func count(_ rows: [(term: Int, item: Int)]) -> PostgreSQLStatement {
    PostgreSQLStatement(
      """
      SELECT t.item, count(*) FROM unnest($1::bigint[], $2::bigint[]) AS u (term, item)
      JOIN \(name) AS t ON t.term = u.term AND t.item = u.item GROUP BY t.item
      """, Self.values(rows))
  }

  func matches(_ terms: [Int], below: Int, limit: Int) -> PostgreSQLStatement {
    PostgreSQLStatement(
      """
      SELECT id, partition, sort, version, body FROM (
        SELECT item.*, sum(octet_length(item.body)) OVER (ORDER BY item.id DESC ROWS UNBOUNDED PRECEDING) AS total
        FROM \(name)_matches($1, $2, $3) AS m (item) JOIN item ON item.id = m.item
      ) AS found WHERE total - octet_length(body) <= \(ItemLimits.pageByteCount) ORDER BY id DESC
      """, [.integers(terms), .integer(below), .integer(limit)])
  }

  private static func values(_ rows: [(term: Int, item: Int)]) -> [PostgreSQLValue] {
    [.integers(rows.map(\.term)), .integers(rows.map(\.item))]
  }

  static func terms(of entry: TextEntry) -> Set<Int> { Set(TextTokens.all(of: entry).map(term)) }

  static func terms(of query: TextQuery) -> [Int] { TextTokens.asked(query).map(term) }

  private static func term(_ token: [UInt8]) -> Int { Int(bitPattern: UInt(Fingerprint.of(token))) }
}
