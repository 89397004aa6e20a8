import Base
import Bus
import TestKit

/// A bus and the oracle, asked the same things at random.
struct Trial {
  private var bus: any Bus
  private var oracle: Oracle
  private var random: SeededRandom
  private let clock: ToldClock
  private let reopen: (ToldClock) throws -> any Bus
  /// Those that hold, and some that do no longer.
  private var claims: [Claim] = []
  private(set) var claimed = 0

  /// `reopen` gives the same bus as another process finds it.
  init(seed: UInt64, _ clock: ToldClock, reopen: @escaping (ToldClock) throws -> any Bus) throws {
    (random, oracle, self.clock, self.reopen) = (SeededRandom(seed), Oracle(clock), clock, reopen)
    bus = try reopen(clock)
  }

  /// Runs some operations; gives what differs first, `nil` where nothing does.
  mutating func run(_ count: Int) throws -> String? {
    for step in 0..<count {
      if let differs = try one(Int(random.next() % 100)) { return "step \(step): \(differs)" }
    }
    return nil
  }

  private mutating func one(_ number: Int) throws -> String? {
    switch number {
    case 0..<18: try add()
    case 18..<44: try claim()
    case 44..<52: try extend()
    case 52..<64: try acknowledge()
    case 64..<72: try fail()
    case 72..<76: try giveBack()
    case 76..<82: try hold()
    case 82: try remove()
    case 83..<86: try retry()
    case 86..<92: try counts()
    case 92..<95: try setAside()
    case 95: try restart()
    default: wait()
    }
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &random)! }

  private mutating func group() -> String { "job \(random.next() % 6)" }

  private mutating func queue(of group: String) -> String {
    // now and then another than the group's own
    random.next() % 60 == 0 ? "client 9" : "client \(group.last!.wholeNumberValue! % 3)"
  }

  private mutating func duration() -> Duration { .milliseconds(Int(random.next() % 5000) + 1) }

  private mutating func add() throws -> String? {
    // seldom many, so that the list stays short
    let tasks = (0..<pick([1, 1, 2, 3, 8])).map { _ in
      let group = group()
      return BusTask(
        key: "task \(random.next() % 40)", queue: queue(of: group), group: group, priority: Int(random.next() % 3),
        payload: Array("payload \(random.next() % 1000)".utf8), mostAttempts: Int(random.next() % 3) + 1)
    }
    let expected = oracle.add(tasks)
    do {
      let answered = try bus.add(tasks)
      return answered == expected ? nil : "\(tasks) gave \(answered), not \(String(describing: expected))"
    } catch {
      return expected == nil && error.kind == .badInput ? nil : "\(tasks): \(error)"
    }
  }

  private mutating func claim() throws -> String? {
    let (worker, lease) = ("worker \(random.next() % 4)", duration())
    let answered = try bus.claim(for: worker, lease: lease)
    if let answered {
      claims.append(answered.claim)
      claimed += 1
      if claims.count > 40 { claims.remove(at: Int(random.next() % 20)) }
    }
    return oracle.claim(worker, lease, answered: answered)
  }

  private mutating func extend() throws -> String? {
    guard let claim = claims.randomElement(using: &random) else { return nil }
    let lease = duration()
    return same(try bus.extend(claim, lease: lease), oracle.extend(claim, lease), "extend \(claim)")
  }

  private mutating func acknowledge() throws -> String? {
    guard let claim = claims.randomElement(using: &random) else { return nil }
    return same(try bus.acknowledge(claim), oracle.acknowledge(claim), "acknowledge \(claim)")
  }

  private mutating func fail() throws -> String? {
    guard let claim = claims.randomElement(using: &random) else { return nil }
    let failure = Failure(
      "reason \(random.next() % 100)", isRetryable: random.next() % 4 > 0,
      delay: random.next() % 2 == 0 ? .zero : duration())
    return same(try bus.fail(claim, failure), oracle.fail(claim, failure), "fail \(claim)")
  }

  private mutating func giveBack() throws -> String? {
    guard let claim = claims.randomElement(using: &random) else { return nil }
    let delay = random.next() % 2 == 0 ? .zero : duration()
    return same(try bus.giveBack(claim, after: delay), oracle.giveBack(claim, delay), "give back \(claim)")
  }

  private mutating func hold() throws -> String? {
    let (group, isHeld) = (group(), random.next() % 5 < 2)
    try isHeld ? bus.hold(group) : bus.release(group)
    oracle.setHeld(group, isHeld)
    return nil
  }

  private mutating func remove() throws -> String? {
    if random.next() % 5 == 0 {
      let queue = "client \(random.next() % 4)"
      return same(try bus.remove(queue: queue), oracle.remove(queue: queue), "remove \(queue)")
    }
    let group = group()
    return same(try bus.remove(group: group), oracle.remove(group: group), "remove \(group)")
  }

  private mutating func retry() throws -> String? {
    let group = group()
    if random.next() % 3 == 0 { return same(try bus.retry(group), oracle.retry(group), "retry \(group)") }
    let key = "task \(random.next() % 40)"
    return same(try bus.retry(key, in: group), oracle.retry(group, key: key) == 1, "retry \(key) of \(group)")
  }

  private mutating func counts() throws -> String? {
    let (group, queue) = (group(), "client \(random.next() % 4)")
    oracle.settle()
    let whole = oracle.counts()
    return try same(bus.counts(group: group), oracle.counts(group: group), group)
      ?? same(bus.counts(queue: queue), oracle.counts(queue: queue), queue)
      ?? same(bus.backlog(), whole.waiting + whole.leased, "backlog")
      // not ours to wait for: the clock stands still
      ?? same(bus.waitForTask(atMost: .zero), whole.waiting > 0, "wait")
  }

  private mutating func setAside() throws -> String? {
    let (group, limit) = (group(), Int(random.next() % 3) + 1)
    var (found, token): ([SetAsideTask], String?) = ([], nil)
    repeat {
      let page = try bus.setAside(in: group, after: token, limit: limit)
      found += page.tasks
      token = page.next
      guard page.tasks.count <= limit, token == nil || page.tasks.count == limit else { return "a page of \(group)" }
    } while token != nil
    let expected = oracle.setAside(in: group)
    let isSame = found.count == expected.count && zip(found, expected).allSatisfy { Self.isSame($0, $1) }
    return isSame ? nil : "\(group) has set aside \(found), not \(expected)"
  }

  /// Of leases that ended an engine may say more than the oracle does.
  private static func isSame(_ found: SetAsideTask, _ expected: SetAsideTask) -> Bool {
    found.task == expected.task && found.failures.count == expected.failures.count
      && zip(found.failures, expected.failures).allSatisfy { found, expected in
        found.reason.hasPrefix(expected.reason) && found.attempt == expected.attempt
          && found.worker == expected.worker && found.date == expected.date
      }
  }

  private mutating func restart() throws -> String? {
    if random.next() % 4 == 0 { clock.reboot() }
    bus = try reopen(clock)
    return nil
  }

  private mutating func wait() -> String? {
    clock.advance(.milliseconds(Int(random.next() % 2000)))
    // whatever is done to the date changes no lease
    clock.set(date: 1_700_000_000 + Int(random.next() % 100_000) - 50_000)
    return nil
  }

  private func same<Value: Equatable>(_ answered: Value, _ expected: Value, _ what: String) -> String? {
    answered == expected ? nil : "\(what) gave \(answered), not \(expected)"
  }
}
