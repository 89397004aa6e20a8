internal import Base
internal import Items
internal import PostgreSQL

/// The table that holds one text index, and the statements for it.
///
/// A row is a term that an item can be found by (its partition, each of its filters, each beginning of each of its words, as a hash with the
/// partition in it) and the item's number. A search is an intersection of lists of numbers, walked from the highest down: of each list the next few are
/// read, that which reaches furthest down is the rarest there, and its numbers alone are looked for in the others. So as much is read as the rarest
/// word is common, however common the others are, and it ends where the page is full.
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
        place bigint := below - 1; missing bigint := wanted; count bigint; driver integer; chunk bigint[]; found bigint[];
        width integer := least(greatest(2 * wanted, 32), 512); total integer := array_length(terms, 1); isLast boolean;
      BEGIN
        LOOP
          found := NULL;
          FOR list IN 1..total LOOP
            chunk := ARRAY(
              SELECT item FROM \(name) WHERE term = terms[list] AND item <= place ORDER BY item DESC LIMIT width);
            IF cardinality(chunk) = 0 THEN RETURN; END IF;
            IF found IS NULL OR cardinality(chunk) < cardinality(found)
              OR cardinality(chunk) = cardinality(found) AND chunk[cardinality(chunk)] < found[cardinality(found)]
            THEN found := chunk; driver := list; END IF;
          END LOOP;
          place := found[cardinality(found)] - 1;
          isLast := cardinality(found) < width;
          FOR list IN 1..total LOOP
            CONTINUE WHEN list = driver;
            found := ARRAY(
              SELECT u FROM unnest(found) AS u
              CROSS JOIN LATERAL (SELECT 1 FROM \(name) WHERE term = terms[list] AND item = u OFFSET 0) AS there);
            EXIT WHEN cardinality(found) = 0;
          END LOOP;
          RETURN QUERY SELECT u FROM unnest(found) AS u ORDER BY u DESC LIMIT missing;
          GET DIAGNOSTICS count = ROW_COUNT;
          missing := missing - count;
          IF missing = 0 OR isLast THEN RETURN; END IF;
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
      CROSS JOIN LATERAL (SELECT ctid FROM \(name) WHERE term = u.term AND item = u.item OFFSET 0) AS found
      WHERE t.ctid = found.ctid
      """, Self.values(rows))
  }

  /// All rows of some items, which no index leads to: where it is not known what they were.
  func deleteAll(of items: [Int]) -> PostgreSQLStatement {
    PostgreSQLStatement("DELETE FROM \(name) WHERE item = ANY ($1::bigint[])", [.integers(items)])
  }

  /// How many of some rows are there, by item.
  func count(_ rows: [(term: Int, item: Int)]) -> PostgreSQLStatement {
    PostgreSQLStatement(
      """
      SELECT t.item, count(*) FROM unnest($1::bigint[], $2::bigint[]) AS u (term, item)
      CROSS JOIN LATERAL (SELECT item FROM \(name) WHERE term = u.term AND item = u.item OFFSET 0) AS t GROUP BY t.item
      """, Self.values(rows))
  }

  func matches(_ terms: [Int], below: Int, limit: Int) -> PostgreSQLStatement {
    PostgreSQLStatement(
      """
      SELECT id, partition, sort, version, body FROM (
        SELECT i.*, sum(octet_length(i.body)) OVER (ORDER BY i.id DESC ROWS UNBOUNDED PRECEDING) AS total
        FROM \(name)_matches($1, $2, $3) AS m (item)
        CROSS JOIN LATERAL (SELECT * FROM item WHERE id = m.item OFFSET 0) AS i
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
