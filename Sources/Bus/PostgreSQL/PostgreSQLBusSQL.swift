/// The statements by which tasks are moved.
///
/// Each is whole in itself, and sees one moment but for rows that it locks, of which it sees the last.
///
/// What is locked is locked in one order, so that nobody waits in a ring: tasks, then groups by number, their lanes, queues by number. Rows
/// that many want (a group's, a queue's) come last, and no transaction waits for a disk or a caller while it has them.
enum PostgreSQLBusSQL {
  static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

  /// Behind a transaction: waits until the disk has it, and all before it, as long as the session was to wait before it became ours.
  static let flush = """
    SELECT set_config('synchronous_commit', current_setting('ridley.sync'), true), pg_logical_emit_message(true, 'ridley', '')
    """
  /// Of a new connection: commits wait for the disk only where they are told to.
  static let unsync = """
    SELECT set_config('ridley.sync', current_setting('synchronous_commit'), false),
      set_config('synchronous_commit', 'off', false)
    """

  static let channel = "ridley_bus"

  /// Milliseconds: the first value where it is told, else the server's.
  private static let clock = """
    clock AS MATERIALIZED (SELECT CASE WHEN $1 >= 0 THEN $1
      ELSE floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint END AS now)
    """
  private static let now = "(SELECT now FROM clock)"
  /// A lease or a delay is over.
  private static let due = "due AS MATERIALIZED (SELECT 1 FROM bus_task WHERE time <= \(now) LIMIT 1)"

  /// A queue that was without tasks has no turns saved up, and owes none to one that comes later.
  static func served(_ ready: String) -> String {
    """
    CASE WHEN q.ready = 0 AND \(ready) > 0 THEN greatest(q.served, coalesce(
      (SELECT min(served) FROM bus_queue WHERE open), (SELECT max(served) FROM bus_queue WHERE name IS NOT NULL)
    )) ELSE q.served END
    """
  }

  /// Whoever waits for a task is told, where the first of a queue may be had.
  static let waking = "(SELECT count(pg_notify('\(channel)', '')) FROM que WHERE woke)"

  private static let names = ["waiting", "leased", "delayed", "aside", "done"]
  static func sums(_ sign: String, _ row: String, _ more: String) -> String {
    names.map { "\($0) = \(row).\($0) \(sign) \(more).\($0)" }.joined(separator: ", ")
  }

  /// Counts tasks that `moved` (id, grp, priority, before, state) in their groups and queues, and has lanes know those that wait now.
  static func counting(turns: String = "0") -> String {
    let numbers = names.enumerated().map { state, name in
      "count(*) FILTER (WHERE state = \(state)) - count(*) FILTER (WHERE before = \(state)) AS \(name)"
    }
    return """
      sums AS MATERIALIZED (SELECT grp, \(numbers.joined(separator: ", ")) FROM moved GROUP BY grp),
      \(groups),
      lanes AS (
        UPDATE bus_lane AS l SET head = least(l.head, m.id) FROM (
          SELECT moved.grp, moved.priority, min(moved.id) AS id FROM moved JOIN grp ON grp.id = moved.grp
          WHERE moved.state = 0 GROUP BY moved.grp, moved.priority
        ) AS m WHERE l.grp = m.grp AND l.priority = m.priority
      ),
      \(queues(turns))
      """
  }

  /// Of a group that is removed nothing is counted.
  private static let groups = """
    groups AS MATERIALIZED (
      SELECT id FROM bus_group WHERE id IN (SELECT grp FROM sums) ORDER BY id FOR NO KEY UPDATE
    ),
    grp AS (
      UPDATE bus_group AS g SET \(sums("+", "g", "s")) FROM sums AS s
      WHERE g.id = s.grp AND g.name IS NOT NULL AND (SELECT count(*) FROM groups) > 0
      RETURNING g.id, g.queue, g.held, s.waiting, s.leased, s.delayed, s.aside, s.done
    )
    """

  private static func queues(_ turns: String) -> String {
    let numbers = names.map { "sum(\($0))::bigint AS \($0)" }.joined(separator: ", ")
    return """
      change AS MATERIALIZED (
        SELECT queue, \(numbers), sum(CASE WHEN held THEN 0 ELSE waiting END)::bigint AS ready FROM grp GROUP BY queue
      ),
      queues AS MATERIALIZED (
        SELECT id FROM bus_queue WHERE id IN (SELECT queue FROM change) ORDER BY id FOR NO KEY UPDATE
      ),
      que AS (
        UPDATE bus_queue AS q SET \(sums("+", "q", "c")), ready = q.ready + c.ready, open = q.ready + c.ready > 0,
          served = \(served("c.ready")) + \(turns)
        FROM change AS c WHERE q.id = c.queue AND q.name IS NOT NULL AND (SELECT count(*) FROM queues) > 0
        RETURNING q.id, c.ready > 0 AND q.ready = c.ready AS woke
      )
      """
  }

  /// Groups, keys, priorities, most attempts, payloads; gives the places of those that are new.
  static let insert = """
    WITH batch AS MATERIALIZED (SELECT nextval('bus_batch') * 1024 AS base),
    new AS (
      INSERT INTO bus_task (id, grp, priority, state, most, allowed, attempts, key, payload)
      SELECT (SELECT base FROM batch) + u.n, u.grp, u.priority, 0, u.most, u.most, 0, u.key, u.payload
      FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bytea[]) WITH ORDINALITY
        AS u (grp, key, priority, most, payload, n)
      ORDER BY u.grp, u.key, u.n
      ON CONFLICT (grp, key) DO NOTHING RETURNING id, grp, priority
    ),
    sums AS MATERIALIZED (
      SELECT grp, count(*) AS waiting, 0::bigint AS leased, 0::bigint AS delayed, 0::bigint AS aside, 0::bigint AS done
      FROM new GROUP BY grp
    ),
    \(groups),
    lanes AS (
      INSERT INTO bus_lane AS l (grp, priority, queue, open, head)
      SELECT n.grp, n.priority, g.queue, NOT g.held, min(n.id) FROM new AS n JOIN grp AS g ON g.id = n.grp
      GROUP BY n.grp, n.priority, g.queue, g.held ORDER BY n.grp, n.priority
      ON CONFLICT (grp, priority) DO UPDATE SET head = least(l.head, excluded.head), open = excluded.open
    ),
    \(queues("0"))
    SELECT id % 1024 - 1, \(waking) FROM new
    """

  /// Time, whether also beside what is due, lease, token, worker; gives how many queues there were, whether something is due, and a task.
  ///
  /// Of a lane's tasks it takes the first that no other is about to take.
  static let claim = """
    WITH \(clock), \(due),
    queue AS MATERIALIZED (
      SELECT id FROM bus_queue WHERE open AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM due)) ORDER BY served, id LIMIT 1
    ),
    lane AS MATERIALIZED (
      SELECT l.grp, l.priority, l.head FROM queue CROSS JOIN LATERAL (
        SELECT * FROM bus_lane WHERE queue = queue.id AND open AND head IS NOT NULL ORDER BY priority DESC, head LIMIT 1
      ) AS l
    ),
    first AS MATERIALIZED (
      SELECT t.id FROM lane CROSS JOIN LATERAL (
        SELECT id FROM bus_task WHERE grp = lane.grp AND priority = lane.priority AND state = 0 AND id >= lane.head
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
      ) AS t
    ),
    taken AS (
      UPDATE bus_task AS t SET state = 1, attempts = t.attempts + 1, time = \(now) + $3, token = $4, worker = $5
      FROM first WHERE t.id = first.id RETURNING t.*
    ),
    grp AS (
      UPDATE bus_group AS g SET waiting = g.waiting - 1, leased = g.leased + 1 FROM taken
      WHERE g.id = taken.grp AND g.name IS NOT NULL
      RETURNING g.id, g.queue, g.name, CASE WHEN g.held THEN 0 ELSE 1 END AS ready
    ),
    que AS (
      UPDATE bus_queue AS q SET waiting = q.waiting - 1, leased = q.leased + 1, served = q.served + 1,
        ready = q.ready - grp.ready, open = q.ready - grp.ready > 0
      FROM grp WHERE q.id = grp.queue AND q.name IS NOT NULL RETURNING q.id, q.name
    )
    SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM due), had.* FROM (SELECT 1) AS one LEFT JOIN (
      SELECT taken.id, taken.key, taken.payload, que.name AS queue, grp.name, taken.priority, taken.most, taken.attempts,
        taken.allowed, set_config('ridley.grp', taken.grp::text, true),
        set_config('ridley.priority', taken.priority::text, true)
      FROM taken JOIN grp ON grp.id = taken.grp JOIN que ON que.id = grp.queue
    ) AS had ON true
    """

  /// The next of the lane that a claim took from, in a statement of its own: what others had done when it got the group must be seen.
  static let renewHead = """
    UPDATE bus_lane AS l SET head = (
      SELECT id FROM bus_task WHERE grp = l.grp AND priority = l.priority AND state = 0 AND id >= l.head ORDER BY id LIMIT 1
    ) WHERE grp = nullif(current_setting('ridley.grp', true), '')::bigint
      AND priority = nullif(current_setting('ridley.priority', true), '')::bigint
    """

  private static let held = "t.id = $2 AND t.token = $3 AND t.state = 1"

  /// Time, task, token, lease.
  static let extend = """
    WITH \(clock)
    UPDATE bus_task AS t SET time = \(now) + $4 WHERE \(held) AND EXISTS (
      SELECT 1 FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue
      WHERE g.id = t.grp AND g.name IS NOT NULL AND q.name IS NOT NULL
    ) RETURNING 1
    """

  /// Task, token, turns; gives 1 where the claim held.
  static let acknowledge = """
    WITH taken AS (
      UPDATE bus_task AS t SET state = 4, time = NULL, token = NULL, worker = NULL, payload = ''
      WHERE t.id = $1 AND t.token = $2 AND t.state = 1 RETURNING t.id, t.grp
    ),
    forgotten AS (DELETE FROM bus_reason USING taken WHERE task = taken.id),
    grp AS (
      UPDATE bus_group AS g SET leased = g.leased - 1, done = g.done + 1 FROM taken
      WHERE g.id = taken.grp AND g.name IS NOT NULL RETURNING g.queue
    ),
    que AS (
      UPDATE bus_queue AS q SET leased = q.leased - 1, done = q.done + 1, served = q.served + $3 FROM grp
      WHERE q.id = grp.queue AND q.name IS NOT NULL RETURNING 1
    )
    SELECT count(*) FROM que
    """

  /// The failure of those that `moved`, by date and reason; only where they were counted, so that nothing comes to what is being swept.
  private static func noting(_ date: String, _ reason: String) -> String {
    """
    noted AS (
      INSERT INTO bus_reason AS r (task, attempt, worker, date, reason)
      SELECT m.id, m.attempts, m.worker,
        CASE WHEN \(date) >= 0 THEN \(date) ELSE floor(extract(epoch FROM clock_timestamp()))::bigint END, \(reason)
      FROM moved AS m JOIN grp ON grp.id = m.grp JOIN que ON que.id = grp.queue WHERE m.before = 1
      ON CONFLICT (task, attempt) DO UPDATE SET worker = excluded.worker, date = excluded.date, reason = excluded.reason
    ),
    trimmed AS (
      DELETE FROM bus_reason AS r USING moved AS m WHERE r.task = m.id AND r.attempt <= m.attempts - \(BusLimits.reasons)
    )
    """
  }

  private static func waits(unless isOver: String, _ delay: String) -> String {
    """
    state = CASE WHEN \(isOver) THEN 3 WHEN \(delay) = 0 THEN 0 ELSE 2 END,
      time = CASE WHEN \(isOver) OR \(delay) = 0 THEN NULL ELSE \(now) + \(delay) END, token = NULL
    """
  }

  /// Time, task, token, delay, whether it may be tried again, date, reason; gives 1 where the claim held, and the task's state.
  static let fail = """
    WITH \(clock),
    moved AS (
      UPDATE bus_task AS t SET \(waits(unless: "($5 = 0 OR t.attempts >= t.allowed)", "$4")) WHERE \(held)
      RETURNING t.id, t.grp, t.priority, 1 AS before, t.state, t.attempts, t.worker
    ),
    \(counting()), \(noting("$6", "$7"))
    SELECT (SELECT count(*) FROM que), (SELECT state FROM moved), \(waking)
    """

  /// Time, task, token, delay, turns; gives 1 where the claim held.
  static let giveBack = """
    WITH \(clock),
    moved AS (
      UPDATE bus_task AS t SET attempts = t.attempts - 1, \(waits(unless: "false", "$4")) WHERE \(held)
      RETURNING t.id, t.grp, t.priority, 1 AS before, t.state
    ),
    \(counting(turns: "$5"))
    SELECT (SELECT count(*) FROM que), \(waking)
    """

  /// Time, date, reason, how many at most; ends leases and delays, and gives how many.
  static let settle = """
    WITH \(clock),
    due AS MATERIALIZED (
      SELECT id, state FROM bus_task WHERE time <= \(now) ORDER BY time LIMIT $4 FOR UPDATE SKIP LOCKED
    ),
    moved AS (
      UPDATE bus_task AS t SET state = CASE WHEN due.state = 1 AND t.attempts >= t.allowed THEN 3 ELSE 0 END, time = NULL,
        token = NULL FROM due WHERE t.id = due.id
      RETURNING t.id, t.grp, t.priority, due.state AS before, t.state, t.attempts, t.worker
    ),
    \(counting()), \(noting("$2", "$3"))
    SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM que), \(waking)
    """

  /// Time; gives whether something is due, whether a task may be had, how many may or are lent, and after how many milliseconds
  /// something will be due.
  static let look = """
    WITH \(clock), \(due)
    SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM (SELECT 1 FROM bus_queue WHERE open LIMIT 1) AS part),
      (SELECT coalesce(sum(ready + leased), 0)::bigint FROM bus_queue WHERE name IS NOT NULL),
      (SELECT min(time) FROM bus_task WHERE time IS NOT NULL) - \(now)
    """

  /// Time, name; gives whether something is due, and the counts.
  static let countGroup = """
    WITH \(clock), \(due)
    SELECT (SELECT count(*) FROM due), c.* FROM (SELECT 1) AS one LEFT JOIN (
      SELECT CASE WHEN g.held THEN 0 ELSE g.waiting END, g.waiting, g.leased, g.delayed, g.aside, g.done
      FROM bus_group AS g JOIN bus_queue AS q ON q.id = g.queue WHERE g.name = $2 AND q.name IS NOT NULL
    ) AS c ON true
    """
  static let countQueue = """
    WITH \(clock), \(due)
    SELECT (SELECT count(*) FROM due), c.* FROM (SELECT 1) AS one LEFT JOIN (
      SELECT ready, waiting, leased, delayed, aside, done FROM bus_queue WHERE name = $2
    ) AS c ON true
    """
}
