import Base
import Bus

/// A bus as a list, worked through anew for every question: slow, and too simple to be wrong.
struct Oracle {
  enum State { case waiting, leased, delayed, setAside }

  struct Held {
    var task: BusTask
    var age: Int
    var state = State.waiting
    var attempts = 0
    var allowed: Int
    var until = 0
    var boot = 0
    var fence = ""
    var worker = ""
    var failures: [FailedAttempt] = []
  }

  struct Group {
    var queue: String?
    var isHeld = false
    var done: Set<String> = []
  }

  private(set) var tasks: [Held] = []
  private(set) var groups: [String: Group] = [:]
  /// Turns that queues have had.
  private var served: [String: Int] = [:]
  private var fences: Set<String> = []
  private var age = 0
  let clock: ToldClock

  init(_ clock: ToldClock) { self.clock = clock }

  private func isReady(_ held: Held) -> Bool { held.state == .waiting && groups[held.task.group]?.isHeld == false }

  private func readyQueues() -> Set<String> { Set(tasks.filter(isReady).map(\.task.queue)) }

  /// Changes something, and gives queues that were idle before it their place among the others.
  private mutating func change(_ body: (inout Oracle) -> Void) {
    let before = readyQueues()
    body(&self)
    let least = before.compactMap { served[$0] }.min() ?? served.values.max() ?? 0
    for queue in readyQueues().subtracting(before) { served[queue] = max(served[queue] ?? 0, least) }
  }

  mutating func add(_ added: [BusTask]) -> [Bool]? {
    var queues = groups.compactMapValues(\.queue)
    for task in added {
      guard queues[task.group] ?? task.queue == task.queue else { return nil }
      queues[task.group] = task.queue
    }
    var isNew: [Bool] = []
    change { oracle in
      for task in added {
        oracle.groups[task.group, default: Group()].queue = task.queue
        oracle.served[task.queue] = oracle.served[task.queue] ?? 0
        let isThere = oracle.tasks.contains { $0.task.group == task.group && $0.task.key == task.key }
        isNew.append(!isThere && !oracle.groups[task.group]!.done.contains(task.key))
        guard isNew.last == true else { continue }
        oracle.age += 1
        oracle.tasks.append(Held(task: task, age: oracle.age, allowed: task.mostAttempts))
      }
    }
    return isNew
  }

  mutating func settle() {
    change { oracle in
      for index in oracle.tasks.indices {
        let held = oracle.tasks[index]
        guard held.state == .leased || held.state == .delayed else { continue }
        let isOld = held.boot < oracle.clock.boot
        guard isOld || held.until <= oracle.clock.now else { continue }
        if held.state == .leased {
          oracle.note(isOld ? "the machine was started anew" : "the lease ran out", index)
        }
        oracle.tasks[index].state = held.state == .leased && held.attempts >= held.allowed ? .setAside : .waiting
      }
    }
  }

  private mutating func note(_ reason: String, _ index: Int) {
    let held = tasks[index]
    tasks[index].failures.append(
      FailedAttempt(attempt: held.attempts, worker: held.worker, date: clock.date, reason: reason))
  }

  /// What is wrong with an engine's answer, `nil` where nothing is; where engines may choose, it takes the engine's choice.
  mutating func claim(_ worker: String, _ lease: Duration, answered: ClaimedTask?) -> String? {
    settle()
    let ready = tasks.filter(isReady)
    guard let answered else { return ready.isEmpty ? nil : "nothing was given, and \(ready.count) wait" }
    let turns = readyQueues().map { served[$0]! }.min()
    guard served[answered.task.queue] == turns else { return "it was not the turn of \(answered.task.queue)" }
    let best = ready.filter { $0.task.queue == answered.task.queue }.min {
      ($1.task.priority, $0.age) < ($0.task.priority, $1.age)
    }
    guard let best, best.task == answered.task else { return "\(best?.task.key ?? "nothing") was to be had first" }
    let isNamed = answered.claim.group == best.task.group && answered.claim.key == best.task.key
    guard isNamed, answered.claim.attempt == best.attempts + 1, fences.insert(answered.claim.fence).inserted,
      answered.isLastAttempt == (best.attempts + 1 >= best.allowed)
    else { return "the claim is \(answered.claim)" }
    let index = tasks.firstIndex { $0.age == best.age }!
    served[answered.task.queue]! += 1
    lend(index, answered.claim.fence, worker, lease)
    return nil
  }

  private mutating func lend(_ index: Int, _ fence: String, _ worker: String, _ lease: Duration) {
    tasks[index].state = .leased
    tasks[index].attempts += 1
    (tasks[index].fence, tasks[index].worker) = (fence, worker)
    (tasks[index].until, tasks[index].boot) = (clock.now + Int(lease / .nanoseconds(1)), clock.boot)
  }

  private func index(_ claim: Claim) -> Int? {
    tasks.firstIndex { $0.state == .leased && $0.fence == claim.fence && $0.boot == clock.boot }
  }

  mutating func extend(_ claim: Claim, _ lease: Duration) -> Standing {
    guard let index = index(claim) else { return .lost }
    tasks[index].until = clock.now + Int(lease / .nanoseconds(1))
    return .held
  }

  mutating func acknowledge(_ claim: Claim) -> Standing {
    guard let index = index(claim) else { return .lost }
    let task = tasks.remove(at: index).task
    groups[task.group]!.done.insert(task.key)
    return .held
  }

  mutating func fail(_ claim: Claim, _ failure: Failure) -> Failing {
    guard let index = index(claim) else { return .lost }
    note(failure.reason, index)
    guard failure.isRetryable, tasks[index].attempts < tasks[index].allowed else {
      tasks[index].state = .setAside
      return .setAside
    }
    wait(index, failure.delay)
    return .again
  }

  mutating func giveBack(_ claim: Claim, _ delay: Duration) -> Standing {
    guard let index = index(claim) else { return .lost }
    tasks[index].attempts -= 1
    wait(index, delay)
    return .held
  }

  private mutating func wait(_ index: Int, _ delay: Duration) {
    change { oracle in
      oracle.tasks[index].state = delay == .zero ? .waiting : .delayed
      oracle.tasks[index].until = oracle.clock.now + Int(delay / .nanoseconds(1))
      oracle.tasks[index].boot = oracle.clock.boot
    }
  }

  mutating func setHeld(_ group: String, _ isHeld: Bool) {
    guard isHeld || groups[group] != nil else { return }
    change { $0.groups[group, default: Group()].isHeld = isHeld }
  }

  mutating func remove(group: String) -> Int {
    let count = tasks.count { $0.task.group == group } + (groups[group]?.done.count ?? 0)
    tasks.removeAll { $0.task.group == group }
    groups[group] = nil
    return count
  }

  mutating func remove(queue: String) -> Int {
    let names = groups.filter { $0.value.queue == queue }.keys
    served[queue] = nil
    return names.reduce(0) { $0 + remove(group: $1) }
  }

  mutating func retry(_ group: String, key: String? = nil) -> Int {
    let indices = tasks.indices.filter {
      tasks[$0].task.group == group && tasks[$0].state == .setAside && (key == nil || tasks[$0].task.key == key)
    }
    change { oracle in
      for index in indices {
        oracle.tasks[index].state = .waiting
        oracle.tasks[index].allowed = oracle.tasks[index].attempts + oracle.tasks[index].task.mostAttempts
      }
    }
    return indices.count
  }

  func counts(group: String? = nil, queue: String? = nil) -> BusCounts {
    var counts = BusCounts()
    for held in tasks where held.task.group == group ?? held.task.group && held.task.queue == queue ?? held.task.queue {
      switch held.state {
      case .waiting: if isReady(held) { counts.waiting += 1 } else { counts.held += 1 }
      case .leased: counts.leased += 1
      case .delayed: counts.delayed += 1
      case .setAside: counts.setAside += 1
      }
    }
    for (name, entry) in groups where name == group ?? name && entry.queue == queue ?? entry.queue {
      counts.done += entry.done.count
    }
    return counts
  }

  func setAside(in group: String) -> [SetAsideTask] {
    let aside = tasks.filter { $0.task.group == group && $0.state == .setAside }.sorted { $0.age < $1.age }
    return aside.map { SetAsideTask(task: $0.task, failures: $0.failures) }
  }
}
