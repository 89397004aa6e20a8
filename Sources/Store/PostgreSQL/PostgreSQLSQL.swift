internal import Items
internal import PostgreSQL

/// The statements that connections keep prepared.
///
/// Rows are looked up by keys in arrays. Where the planner takes a table for small, it would rather read all of it and look into the array for each row,
/// and go on so when it has grown: `LATERAL … OFFSET 0` leaves it no other way than to look each key up, and a row that was found so is
/// changed where it stands (`ctid`), as its item is locked.
enum PostgreSQLSQL {
  /// Last in every exchange that reads: what stood there before it was read by the indexes that are declared still.
  static let state = """
    SELECT revision, schema, life, trimmed_life, trimmed_tx::text, trimmed_number, format, origin,
      pg_snapshot_xmax(pg_current_snapshot())::text FROM state
    """

  /// Shares the library's lock, and takes those of items in their order.
  static let lock = """
    SELECT pg_advisory_xact_lock_shared($1), (SELECT count(pg_advisory_xact_lock(h)) FROM unnest($2::bigint[]) AS h)
    """
  static let lockAlone = "SELECT pg_advisory_lock($1)"
  static let unlockAlone = "SELECT pg_advisory_unlock($1)"

  static let items = """
    SELECT k.n, s.revision, s.life, pg_current_xact_id()::text, nextval('number'), i.id, i.version, i.body
    FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS k (p, s, n) CROSS JOIN state AS s
    LEFT JOIN LATERAL (SELECT * FROM item WHERE partition = k.p AND sort = k.s OFFSET 0) AS i ON true
    """
  static let get = """
    SELECT k.n, i.version, i.body FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS k (p, s, n)
    CROSS JOIN LATERAL (SELECT * FROM item WHERE partition = k.p AND sort = k.s OFFSET 0) AS i
    """

  static let insertItems = """
    INSERT INTO item (id, partition, sort, version, body)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $1::bigint[], $4::bytea[])
    """
  static let updateItems = """
    UPDATE item SET version = u.version, body = u.body
    FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS u (id, version, body)
    CROSS JOIN LATERAL (SELECT ctid FROM item WHERE id = u.id OFFSET 0) AS found WHERE item.ctid = found.ctid
    """
  static let deleteItems = "DELETE FROM item WHERE id = ANY ($1::bigint[])"

  static let insertEntries = """
    INSERT INTO entry (item, declaration, partition, place, version, attributes)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[])
    """
  static let updateEntries = """
    UPDATE entry SET version = u.version, attributes = u.attributes
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[]) AS u (item, declaration, version, attributes)
    CROSS JOIN LATERAL (SELECT ctid FROM entry WHERE item = u.item AND declaration = u.declaration OFFSET 0) AS found
    WHERE entry.ctid = found.ctid
    """
  static let deleteEntries = """
    DELETE FROM entry USING unnest($1::bigint[], $2::bigint[]) AS u (item, declaration)
    CROSS JOIN LATERAL (SELECT ctid FROM entry WHERE item = u.item AND declaration = u.declaration OFFSET 0) AS found
    WHERE entry.ctid = found.ctid
    """

  static let insertChanges = """
    INSERT INTO change (life, tx, number, time, partition, sort, old_version, old_body, body)
    SELECT $1, pg_current_xact_id(), u.number, $2, u.p, u.s, u.old_version, u.old_body, u.body
    FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bytea[], $8::bytea[])
      AS u (number, p, s, old_version, old_body, body)
    """

  static let (itemsUp, itemsDown) = (items("ASC"), items("DESC"))
  static let (entriesUp, entriesDown) = (entries("ASC"), entries("DESC"))

  /// Rows beyond what a page holds in bytes are left where they are, but for the first.
  private static func items(_ order: String) -> String {
    """
    SELECT sort, version, body FROM (
      SELECT *, sum(octet_length(body)) OVER (ORDER BY sort \(order) ROWS UNBOUNDED PRECEDING) AS total FROM (
        SELECT sort, version, body FROM item WHERE partition = $1 AND sort >= $2 AND sort < $3
        ORDER BY sort \(order) LIMIT $4
      ) AS row
    ) AS found WHERE total - octet_length(body) <= \(ItemLimits.pageByteCount) ORDER BY sort \(order)
    """
  }

  private static func entries(_ order: String) -> String {
    let head = "substring(place, 1, \(PostgreSQLFormat.headCount))"
    let places = "\(head) \(order), place \(order)"
    return """
      SELECT place, version, attributes FROM (
        SELECT *, sum(octet_length(attributes)) OVER (ORDER BY \(places) ROWS UNBOUNDED PRECEDING) AS total FROM (
          SELECT place, version, attributes FROM entry
          WHERE declaration = $5 AND partition = $1 AND \(head) >= $6 AND \(head) <= $7 AND place >= $2 AND place < $3
          ORDER BY \(places) LIMIT $4
        ) AS row
      ) AS found WHERE total - octet_length(attributes) <= \(ItemLimits.pageByteCount) ORDER BY \(places)
      """
  }
}
