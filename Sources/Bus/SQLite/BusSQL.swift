internal import SQLite

typealias BusConnection = SQLiteConnection<BusSQL>

/// The statements that a bus keeps prepared; each finds its rows by an index.
enum BusSQL: Int, KeptStatement {
  case state, beginLife
  case group, insertGroup, setQueue, holdGroup, openLanes, killGroup, killGroups, countGroup
  case queue, queueName, insertQueue, readyOfQueue, liftQueue, killQueue, countQueue, groupsOfQueue
  case lane, insertLane, setHead
  case isDone, insertDone, insertTask, updateTask, deleteTask, task, heldTask, timedTasks, nextTime
  case readyQueue, readyLane
  case insertReason, trimReasons, deleteReasons, reasons
  case asideTasks, asidePage, asideTask, allowMore
  case groupCounts, queueCounts, backlog
  case deadGroup, deadQueue, sweepReasons, sweepTasks, sweepDone, sweepLanes, sweepGroup, sweepQueues

  /// A test asks for all of them.
  var text: String { (Self.groupTexts[self] ?? Self.taskTexts[self] ?? Self.endTexts[self])! }

  /// Groups, queues and their counts.
  private static let groupTexts: [BusSQL: String] = [
    .state: "SELECT format, life, place FROM bus_state",
    .beginLife: "UPDATE bus_state SET life = life + 1, place = ?1",
    .group: "SELECT id, queue, held, waiting FROM bus_group WHERE name = ?1",
    .insertGroup: "INSERT INTO bus_group VALUES (NULL, NULL, ?1, 0, 0, 0, 0, 0, 0) RETURNING id",
    .setQueue: "UPDATE bus_group SET queue = ?2 WHERE id = ?1",
    .holdGroup: "UPDATE bus_group SET held = ?2 WHERE id = ?1",
    .killGroup: "UPDATE bus_group SET name = NULL WHERE id = ?1",
    .killGroups: "UPDATE bus_group SET name = NULL WHERE queue = ?1",
    .countGroup: Self.counting("bus_group"),
    .queue: "SELECT id FROM bus_queue WHERE name = ?1",
    .queueName: "SELECT name FROM bus_queue WHERE id = ?1",
    .insertQueue: "INSERT INTO bus_queue VALUES (NULL, ?1, 0, 0, 0, 0, 0, 0, 0) RETURNING id",
    .readyOfQueue: "SELECT ready FROM bus_queue WHERE id = ?1",
    .liftQueue: Self.lifting,
    .killQueue: "UPDATE bus_queue SET name = NULL, ready = 0, leased = 0 WHERE id = ?1",
    .countQueue: Self.counting("bus_queue", ", ready = ready + ?7, served = served + ?8"),
    .groupsOfQueue: "SELECT id FROM bus_group WHERE queue = ?1 AND name IS NOT NULL",
    .groupCounts: "SELECT waiting, leased, delayed, aside, done, held FROM bus_group WHERE name = ?1",
    .queueCounts: "SELECT waiting, leased, delayed, aside, done, ready FROM bus_queue WHERE name = ?1",
    .backlog: "SELECT coalesce(sum(ready + leased), 0) FROM bus_queue WHERE ready + leased > 0",
  ]

  /// Tasks from where they are added to where they are lent.
  private static let taskTexts: [BusSQL: String] = [
    .lane: "SELECT id FROM bus_lane WHERE grp = ?1 AND priority = ?2",
    .insertLane: "INSERT INTO bus_lane VALUES (NULL, ?1, ?2, ?3, ?4, NULL) RETURNING id",
    .openLanes: "UPDATE bus_lane SET open = ?2 WHERE grp = ?1",
    .setHead: Self.renewingHead,
    .isDone: "SELECT 1 FROM bus_done WHERE grp = ?1 AND key = ?2",
    .insertDone: "INSERT INTO bus_done VALUES (?1, ?2)",
    .insertTask: Self.insertingTask,
    .updateTask: Self.updatingTask,
    .deleteTask: "DELETE FROM bus_task WHERE id = ?1",
    .task: Self.reading,
    .heldTask: Self.standing
      + "WHERE t.id = ?1 AND t.state = 1 AND t.life = ?2 AND t.token = ?3 AND g.name IS NOT NULL",
    .timedTasks: Self.standing
      + "WHERE t.time IS NOT NULL AND (t.life, t.time) <= (?1, ?2) ORDER BY t.life, t.time LIMIT ?3",
    .nextTime: "SELECT life, time FROM bus_task WHERE time IS NOT NULL ORDER BY life, time LIMIT 1",
    .readyQueue: "SELECT id FROM bus_queue WHERE ready > 0 ORDER BY served, id LIMIT 1",
    .readyLane: Self.nextLane,
  ]

  /// Failures, tasks that are set aside, and what is swept.
  private static let endTexts: [BusSQL: String] = [
    .insertReason: "INSERT OR REPLACE INTO bus_reason VALUES (?1, ?2, ?3, ?4, ?5)",
    .trimReasons: "DELETE FROM bus_reason WHERE task = ?1 AND attempt <= ?2",
    .deleteReasons: "DELETE FROM bus_reason WHERE task = ?1",
    .reasons: "SELECT attempt, worker, date, reason FROM bus_reason WHERE task = ?1 ORDER BY attempt",
    .asideTasks: Self.standing + "WHERE t.grp = ?1 AND t.state = 3 ORDER BY t.id LIMIT ?2",
    .asidePage: "SELECT id FROM bus_task WHERE grp = ?1 AND state = 3 AND id > ?2 ORDER BY id LIMIT ?3",
    .asideTask: Self.standing + "WHERE t.grp = ?1 AND t.key = ?2 AND t.state = 3",
    .allowMore: "UPDATE bus_task SET allowed = attempts + most WHERE id = ?1",
    .deadGroup: "SELECT id FROM bus_group WHERE name IS NULL LIMIT 1",
    .deadQueue: "SELECT id FROM bus_queue WHERE name IS NULL LIMIT 1",
    .sweepReasons: "DELETE FROM bus_reason WHERE task IN (\(Self.someTasks))",
    .sweepTasks: "DELETE FROM bus_task WHERE id IN (\(Self.someTasks))",
    .sweepDone:
      "DELETE FROM bus_done WHERE grp = ?1 AND key IN (SELECT key FROM bus_done WHERE grp = ?1 ORDER BY key LIMIT ?2)",
    .sweepLanes: "DELETE FROM bus_lane WHERE grp = ?1",
    .sweepGroup: "DELETE FROM bus_group WHERE id = ?1",
    .sweepQueues: "DELETE FROM bus_queue WHERE name IS NULL",
  ]

  private static func counting(_ table: String, _ more: String = "") -> String {
    """
    UPDATE \(table) SET waiting = waiting + ?2, leased = leased + ?3, delayed = delayed + ?4, aside = aside + ?5,
    done = done + ?6\(more) WHERE id = ?1
    """
  }

  /// A queue that was without tasks has no turns saved up, and owes none to one that comes later.
  private static let lifting = """
    UPDATE bus_queue SET served = max(served, coalesce(
      (SELECT served FROM bus_queue WHERE ready > 0 ORDER BY served LIMIT 1),
      (SELECT served FROM bus_queue ORDER BY served DESC LIMIT 1))) WHERE id = ?1
    """

  private static let insertingTask = """
    INSERT OR IGNORE INTO bus_task VALUES (NULL, ?1, ?2, ?3, ?4, ?4, 0, 0, NULL, NULL, NULL, NULL, ?5) RETURNING id
    """

  private static let updatingTask = """
    UPDATE bus_task SET state = ?2, attempts = ?3, life = ?4, time = ?5, token = ?6, worker = ?7 WHERE id = ?1
    """

  /// For what is done to a task.
  private static let standing = """
    SELECT t.id, t.lane, t.grp, g.queue, g.held, g.name IS NULL, t.state, t.attempts, t.allowed, t.life, t.worker, t.key
    FROM bus_task t CROSS JOIN bus_group g ON g.id = t.grp\u{20}
    """

  /// For what is said of a task.
  private static let reading = """
    SELECT t.key, g.name, l.priority, t.payload, t.most, t.attempts, t.allowed
    FROM bus_task t CROSS JOIN bus_group g ON g.id = t.grp CROSS JOIN bus_lane l ON l.id = t.lane WHERE t.id = ?1
    """

  /// Without the index it would look through all tasks from the oldest on.
  private static let renewingHead = """
    UPDATE bus_lane SET head = (
      SELECT id FROM bus_task INDEXED BY bus_task_waiting WHERE lane = ?1 AND state = 0 ORDER BY id LIMIT 1
    ) WHERE id = ?1
    """

  private static let nextLane = """
    SELECT id, head FROM bus_lane WHERE queue = ?1 AND open = 1 AND head IS NOT NULL ORDER BY priority DESC, head LIMIT 1
    """

  private static let someTasks = "SELECT id FROM bus_task WHERE grp = ?1 ORDER BY key LIMIT ?2"
}
