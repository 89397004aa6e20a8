internal import Base
internal import SQLite

extension BusTransaction {
  /// What is known of a group, and what comes to it in this transaction.
  private struct Coming {
    let group: Group
    let queue: String
    var count = 0
    var lanes: [Int: Int] = [:]
  }

  func add(_ tasks: [BusTask]) throws(Fault) -> [Bool] {
    var coming: [String: Coming] = [:]
    var isNew: [Bool] = []
    for task in tasks {
      var into =
        if let known = coming[task.group] { known } else { Coming(group: try group(of: task), queue: task.queue) }
      guard into.queue == task.queue else { throw task.liesElsewhere(into.queue) }
      let added = try insert(task, into: &into)
      isNew.append(added)
      if added { into.count += 1 }
      coming[task.group] = into
    }
    for into in coming.values where into.count > 0 {
      for lane in into.lanes.values { try connection.run(.setHead, [.integer(lane)]) }
      try count(Tally(waiting: into.count), in: into.group)
    }
    return isNew
  }

  private func insert(_ task: BusTask, into: inout Coming) throws(Fault) -> Bool {
    let key: [SQLValue] = [.integer(into.group.id), .text(task.key)]
    guard try connection.first(.isDone, key, { _ in true }) == nil else { return false }
    let lane = if let known = into.lanes[task.priority] { known } else { try lane(task.priority, of: into.group) }
    into.lanes[task.priority] = lane
    let values: [SQLValue] = [.integer(lane)] + key + [.integer(task.mostAttempts), .blob(task.payload)]
    return try connection.first(.insertTask, values) { $0.integer(0) } != nil
  }

  /// The group that a task belongs to, in the task's queue; both are made where they are missing.
  private func group(of task: BusTask) throws(Fault) -> Group {
    let group = try group(task.group)
    if group.queue != 0 {
      let queue = try connection.first(.queueName, [.integer(group.queue)]) { $0.text(0) } ?? ""
      guard queue == task.queue else { throw task.liesElsewhere(queue) }
      return group
    }
    let name = SQLValue.text(task.queue)
    var queue = try connection.first(.queue, [name]) { $0.integer(0) }
    if queue == nil { queue = try connection.first(.insertQueue, [name]) { $0.integer(0) } }
    guard let queue else { throw Fault(.bug, "\(connection.path): the queue \(task.queue) was not made") }
    try connection.run(.setQueue, [.integer(group.id), .integer(queue)])
    return Group(id: group.id, queue: queue, isHeld: group.isHeld)
  }

  /// The group of a name, made where it is missing; its queue is 0 as long as it has had no task.
  func group(_ name: String) throws(Fault) -> Group {
    if let (group, _) = try find(name) { return group }
    let id = try connection.first(.insertGroup, [.text(name)]) { $0.integer(0) } ?? 0
    return Group(id: id, queue: 0, isHeld: false)
  }

  /// With how many of its tasks wait.
  func find(_ group: String) throws(Fault) -> (group: Group, waiting: Int)? {
    try connection.first(.group, [.text(group)]) { row in
      (Group(id: row.integer(0), queue: row.integer(1), isHeld: row.integer(2) != 0), row.integer(3))
    }
  }

  private func lane(_ priority: Int, of group: Group) throws(Fault) -> Int {
    let found = try connection.first(.lane, [.integer(group.id), .integer(priority)]) { $0.integer(0) }
    if let found { return found }
    let values = [group.queue, group.id, priority, group.isHeld ? 0 : 1].map { SQLValue.integer($0) }
    return try connection.first(.insertLane, values) { $0.integer(0) } ?? 0
  }
}
