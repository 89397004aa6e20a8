/// How a bus is laid out in a library's file, beside the tables of others.
enum BusFormat {
  static let version = 1

  /// Tables, each with a reason.
  ///
  /// - `bus_state` is one row. A lease or a delay is that of a life: of one file during one run of the machine, which `place` names. What is
  ///   of an earlier life is over.
  /// - `bus_queue`: `served` counts turns; the queue with the fewest among those with tasks that are `ready` is next. `ready` are those that wait
  ///   and whose group is not held.
  /// - `bus_group` without a name is removed, and what it had is being taken away.
  /// - `bus_lane`: the tasks of a group that have one priority; `head` is the oldest that waits. So a group is held or released without
  ///   a look at its tasks.
  /// - `bus_task`: `id` is its age. `state`: 0 waiting, 1 leased, 2 delayed, 3 set aside. `time` is when the lease or the delay is over.
  /// - `bus_done` keeps the keys of what was done.
  static let tables = """
    CREATE TABLE bus_state (
      id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, life INTEGER NOT NULL, place TEXT NOT NULL
    );
    INSERT INTO bus_state VALUES (1, \(version), 0, '');
    CREATE TABLE bus_queue (
      id INTEGER PRIMARY KEY, name TEXT UNIQUE, served INTEGER NOT NULL, ready INTEGER NOT NULL, waiting INTEGER NOT NULL,
      leased INTEGER NOT NULL, delayed INTEGER NOT NULL, aside INTEGER NOT NULL, done INTEGER NOT NULL
    );
    CREATE INDEX bus_queue_ready ON bus_queue (served) WHERE ready > 0;
    CREATE INDEX bus_queue_served ON bus_queue (served);
    CREATE INDEX bus_queue_active ON bus_queue (ready + leased) WHERE ready + leased > 0;
    CREATE TABLE bus_group (
      id INTEGER PRIMARY KEY, queue INTEGER, name TEXT UNIQUE, held INTEGER NOT NULL, waiting INTEGER NOT NULL,
      leased INTEGER NOT NULL, delayed INTEGER NOT NULL, aside INTEGER NOT NULL, done INTEGER NOT NULL
    );
    CREATE INDEX bus_group_queue ON bus_group (queue);
    CREATE TABLE bus_lane (
      id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, grp INTEGER NOT NULL, priority INTEGER NOT NULL, open INTEGER NOT NULL,
      head INTEGER, UNIQUE (grp, priority)
    );
    CREATE INDEX bus_lane_ready ON bus_lane (queue, priority DESC, head) WHERE open = 1 AND head IS NOT NULL;
    CREATE TABLE bus_task (
      id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, grp INTEGER NOT NULL, key TEXT NOT NULL, most INTEGER NOT NULL,
      allowed INTEGER NOT NULL, attempts INTEGER NOT NULL, state INTEGER NOT NULL, life INTEGER, time INTEGER, token INTEGER,
      worker TEXT, payload BLOB NOT NULL, UNIQUE (grp, key)
    );
    CREATE INDEX bus_task_waiting ON bus_task (lane, id) WHERE state = 0;
    CREATE INDEX bus_task_timed ON bus_task (life, time) WHERE time IS NOT NULL;
    CREATE INDEX bus_task_aside ON bus_task (grp, id) WHERE state = 3;
    CREATE TABLE bus_reason (
      task INTEGER NOT NULL, attempt INTEGER NOT NULL, worker TEXT NOT NULL, date INTEGER NOT NULL, reason TEXT NOT NULL,
      PRIMARY KEY (task, attempt)
    ) WITHOUT ROWID;
    CREATE TABLE bus_done (grp INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (grp, key)) WITHOUT ROWID;
    """
}
