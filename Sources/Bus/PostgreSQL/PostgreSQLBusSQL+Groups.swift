/// Groups and queues: made, found, held, removed, and what was in them.
extension PostgreSQLBusSQL {
  /// Names of groups; frees those of groups whose queue is removed.
  ///
  /// In a transaction of its own, as time may want these groups too.
  static let freeNames = """
    WITH stale AS MATERIALIZED (
      SELECT g.id FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue
      WHERE g.name = ANY ($1::bytea[]) AND q.name IS NULL ORDER BY g.id FOR UPDATE OF g
    )
    UPDATE bus_group AS g SET name = NULL FROM stale WHERE g.id = stale.id
    """
  /// Names of queues.
  static let makeQueues = """
    INSERT INTO bus_queue (name) SELECT DISTINCT u.name FROM unnest($1::bytea[]) AS u (name)
    WHERE NOT EXISTS (SELECT 1 FROM bus_queue AS q WHERE q.name = u.name) ORDER BY u.name ON CONFLICT (name) DO NOTHING
    """
  /// Names of groups, and those of the queues that they are to lie in.
  static let makeGroups = """
    INSERT INTO bus_group (name, queue) SELECT u.name, q.id FROM unnest($1::bytea[], $2::bytea[]) AS u (name, queue)
    JOIN bus_queue AS q ON q.name = u.queue
    WHERE NOT EXISTS (SELECT 1 FROM bus_group AS g WHERE g.name = u.name) ORDER BY u.name ON CONFLICT (name) DO NOTHING
    """
  /// The same, of groups that were held before they had a task.
  static let placeGroups = """
    UPDATE bus_group AS g SET queue = q.id FROM unnest($1::bytea[], $2::bytea[]) AS u (name, queue)
    JOIN bus_queue AS q ON q.name = u.queue WHERE g.name = u.name AND g.queue IS NULL
    """
  /// Names of groups; gives name, number, and the queue's name of those that have one.
  static let findGroups = """
    SELECT g.name, g.id, q.name FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue
    WHERE g.name = ANY ($1::bytea[]) AND q.name IS NOT NULL
    """

  /// While tasks are added no group and no queue is removed.
  ///
  /// Not by locks of rows: who added would have to make one stronger that others wait for.
  static let keepGroups = "SELECT pg_advisory_xact_lock_shared(\(removing))"
  /// Nothing is added meanwhile, and no group is made.
  static let beAlone = "SELECT pg_advisory_xact_lock(\(removing))"
  private static let removing = "hashtextextended('ridley bus groups ' || current_schema(), 0)"

  /// Name.
  static let makeGroup = """
    INSERT INTO bus_group (name) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM bus_group WHERE name = $1)
    ON CONFLICT (name) DO NOTHING
    """
  /// Name, 1 to hold and 0 to release.
  static let hold = """
    WITH grp AS (
      UPDATE bus_group AS g SET held = $2 = 1 WHERE g.name = $1 AND g.held <> ($2 = 1)
      RETURNING g.queue, g.waiting * (1 - 2 * $2) AS ready
    ),
    que AS (
      UPDATE bus_queue AS q SET ready = q.ready + grp.ready, open = q.ready + grp.ready > 0, served = \(served("grp.ready"))
      FROM grp WHERE q.id = grp.queue AND q.name IS NOT NULL RETURNING grp.ready > 0 AND q.ready = grp.ready AS woke
    )
    SELECT \(waking)
    """
  /// Name; in a statement of its own, so that it sees all lanes that there were when it got the group.
  static let openLanes = """
    UPDATE bus_lane AS l SET open = NOT g.held FROM bus_group AS g WHERE g.name = $1 AND l.grp = g.id AND l.open = g.held
    """

  /// Name; takes a group out of sight, and out of its queue's counts, and gives how many tasks it had.
  static let removeGroup = """
    WITH grp AS (
      UPDATE bus_group AS g SET name = NULL WHERE g.name = $1
      RETURNING g.id, g.queue, g.waiting, g.leased, g.delayed, g.aside, g.done, CASE WHEN g.held THEN 0 ELSE g.waiting END AS ready
    ),
    que AS (
      UPDATE bus_queue AS q SET \(sums("-", "q", "grp")), ready = q.ready - grp.ready, open = q.ready - grp.ready > 0
      FROM grp WHERE q.id = grp.queue AND q.name IS NOT NULL
      RETURNING grp.waiting + grp.leased + grp.delayed + grp.aside + grp.done AS tasks
    )
    SELECT coalesce((SELECT tasks FROM que), 0), set_config('ridley.grp', grp.id::text, true) FROM grp
    """
  static let dropLanes = "DELETE FROM bus_lane WHERE grp = nullif(current_setting('ridley.grp', true), '')::bigint"
  /// Name; takes a queue out of sight, and all of its groups with it.
  static let removeQueue = """
    UPDATE bus_queue SET name = NULL, open = false WHERE name = $1 RETURNING waiting + leased + delayed + aside + done
    """

  /// A group that is removed, and a queue.
  static let dead = """
    SELECT (SELECT id FROM bus_group WHERE name IS NULL LIMIT 1), (SELECT id FROM bus_queue WHERE name IS NULL LIMIT 1)
    """
  /// Group, how many at most; gives how many tasks went.
  static let sweepTasks = """
    WITH part AS MATERIALIZED (SELECT id FROM bus_task WHERE grp = $1 LIMIT $2 FOR UPDATE SKIP LOCKED),
    reasons AS (DELETE FROM bus_reason USING part WHERE task = part.id),
    gone AS (DELETE FROM bus_task AS t USING part WHERE t.id = part.id RETURNING 1)
    SELECT count(*) FROM gone
    """
  /// Group.
  static let sweepLanes = "DELETE FROM bus_lane WHERE grp = $1"
  /// Group; gives whether it went: a task of it may still be in another's hands.
  static let sweepGroup = """
    DELETE FROM bus_group WHERE id = $1 AND name IS NULL AND NOT EXISTS (SELECT 1 FROM bus_task WHERE grp = $1) RETURNING 1
    """
  /// Queue, how many at most; takes its groups out of sight, and gives how many.
  static let sweepQueue = """
    WITH part AS MATERIALIZED (
      SELECT id FROM bus_group WHERE queue = $1 AND name IS NOT NULL LIMIT $2 FOR UPDATE SKIP LOCKED
    ),
    gone AS (UPDATE bus_group AS g SET name = NULL FROM part WHERE g.id = part.id RETURNING 1)
    SELECT count(*) FROM gone
    """
  /// Queue; gives whether it went.
  static let dropQueue = """
    DELETE FROM bus_queue WHERE id = $1 AND name IS NULL AND NOT EXISTS (SELECT 1 FROM bus_group WHERE queue = $1) RETURNING 1
    """

  /// Name.
  private static let alive = """
    (SELECT g.id FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue WHERE g.name = $1 AND q.name IS NOT NULL)
    """
  /// Group; gives how many of its tasks are set aside.
  static let countAside = "SELECT coalesce((SELECT aside FROM bus_group WHERE id = \(alive)), 0)"
  /// Group, how many at most.
  static let retryGroup = retry("state = 3 ORDER BY id LIMIT $2")
  /// Group, key.
  static let retryTask = retry("key = $2 AND state = 3")

  private static func retry(_ which: String) -> String {
    """
    WITH part AS MATERIALIZED (SELECT id FROM bus_task WHERE grp = \(alive) AND \(which) FOR UPDATE),
    moved AS (
      UPDATE bus_task AS t SET state = 0, allowed = t.attempts + t.most FROM part WHERE t.id = part.id
      RETURNING t.id, t.grp, t.priority, 3 AS before, t.state
    ),
    \(counting())
    SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM que), \(waking)
    """
  }

  /// Group, the number behind which to begin, how many.
  static let asidePage = """
    SELECT t.id, t.key, t.payload, q.name, g.name, t.priority, t.most
    FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue CROSS JOIN LATERAL (
      SELECT * FROM bus_task WHERE grp = g.id AND state = 3 AND id > $2 ORDER BY id LIMIT $3
    ) AS t WHERE g.name = $1 AND q.name IS NOT NULL ORDER BY t.id
    """
  /// Tasks.
  static let reasons = """
    SELECT task, attempt, worker, date, reason FROM bus_reason WHERE task = ANY ($1::bigint[]) ORDER BY task, attempt
    """
  /// Name.
  static let knowsQueue = "SELECT 1 FROM bus_queue WHERE name = $1"
}
