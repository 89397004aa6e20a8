/// How a bus is laid out in a schema of a database, beside the tables of others.
enum PostgreSQLBusFormat {
  static let version = 1

  /// Tables, each with a reason; names, keys and reasons are `bytea`, kept as they are whatever the database's encoding.
  ///
  /// - `bus_queue`: `served` counts turns; of the queues that are `open` the one with the fewest is next. `ready` are tasks that wait and whose group
  ///   is not held, and `open` says that there are some: apart, so that counting changes no index. Without a name it is removed.
  /// - `bus_group` without a name, or in a queue without one, is removed, and what it had is being taken away. Its row is what all that
  ///   changes its tasks takes in turn, and only at the end, so that its counts, its lanes and whether it is held fit each other.
  /// - `bus_lane`: the tasks of a group that have one priority; `head` is the oldest that waits. So a group is held or released without a look at its
  ///   tasks, and a claim looks at the head alone.
  /// - `bus_task`: `id` is its age. `state`: 0 waiting, 1 leased, 2 delayed, 3 set aside, 4 done, of which the key alone is kept. `time` is when the
  ///   lease or the delay is over, in milliseconds; `token` tells the claim.
  static let tables = [
    "CREATE TABLE bus_state (id integer PRIMARY KEY CHECK (id = 1), format bigint NOT NULL)",
    "INSERT INTO bus_state VALUES (1, \(version))",
    "CREATE SEQUENCE bus_batch AS bigint",
    """
    CREATE TABLE bus_queue (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name bytea UNIQUE, open boolean NOT NULL DEFAULT false,
      served bigint NOT NULL DEFAULT 0, ready bigint NOT NULL DEFAULT 0, \(counts)
    ) WITH (fillfactor = 50)
    """,
    "CREATE INDEX bus_queue_open ON bus_queue (id) WHERE open",
    "CREATE INDEX bus_queue_dead ON bus_queue (id) WHERE name IS NULL",
    """
    CREATE TABLE bus_group (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue bigint, name bytea UNIQUE,
      held boolean NOT NULL DEFAULT false, \(counts)
    ) WITH (fillfactor = 50)
    """,
    "CREATE INDEX bus_group_queue ON bus_group (queue)",
    "CREATE INDEX bus_group_dead ON bus_group (id) WHERE name IS NULL",
    """
    CREATE TABLE bus_lane (
      grp bigint, priority bigint, queue bigint NOT NULL, open boolean NOT NULL, head bigint, PRIMARY KEY (grp, priority)
    ) WITH (fillfactor = 50)
    """,
    "CREATE INDEX bus_lane_open ON bus_lane (queue, priority DESC, head) WHERE open AND head IS NOT NULL",
    """
    CREATE TABLE bus_task (
      id bigint PRIMARY KEY, grp bigint NOT NULL, priority bigint NOT NULL, state bigint NOT NULL, most bigint NOT NULL,
      allowed bigint NOT NULL, attempts bigint NOT NULL, time bigint, token bigint, key bytea NOT NULL, worker bytea,
      payload bytea NOT NULL
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)
    """,
    "CREATE UNIQUE INDEX bus_task_key ON bus_task (grp, key)",
    "CREATE INDEX bus_task_waiting ON bus_task (grp, priority, id) WHERE state = 0",
    "CREATE INDEX bus_task_timed ON bus_task (time) WHERE time IS NOT NULL",
    "CREATE INDEX bus_task_aside ON bus_task (grp, id) WHERE state = 3",
    """
    CREATE TABLE bus_reason (
      task bigint, attempt bigint, worker bytea NOT NULL, date bigint NOT NULL, reason bytea NOT NULL,
      PRIMARY KEY (task, attempt)
    )
    """,
  ]

  private static let counts = ["waiting", "leased", "delayed", "aside", "done"]
    .map { "\($0) bigint NOT NULL DEFAULT 0" }.joined(separator: ", ")
}
