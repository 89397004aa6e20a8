import Base
import Bus
import Foundation
import TestKit
import Testing

/// What every engine must do.
struct BusSuite {
  private let folder = TemporaryFolder()
  private let clock = ToldClock()

  /// 10,000 operations, or as many as `RIDLEY_BUS_OPERATIONS` says (`make soak-bus`: a million).
  private static let operations =
    ProcessInfo.processInfo.environment["RIDLEY_BUS_OPERATIONS"].flatMap { Int($0) } ?? 10_000

  @Test(arguments: Engine.allCases)
  func `random operations give what the oracle gives`(engine: Engine) throws {
    var trial = try Trial(seed: 17, engine.clock) { try engine.open(folder, $0) }
    if let difference = try trial.run(Self.operations) { Issue.record("\(difference)") }
    #expect(trial.claimed > Self.operations / 20, "so few tasks were had that little was tried")
  }

  @Test(arguments: Engine.allCases)
  func `a queue with a hundred times the tasks takes no turn from another, also one that comes later`(
    engine: Engine
  ) throws {
    var bus = try engine.open(folder, clock)
    for batch in 0..<2 {
      _ = try bus.add((0..<1000).map { task("l\(batch)-\($0)", queue: "large", group: "large") })
    }
    _ = try bus.add((0..<20).map { task("s\($0)", queue: "small", group: "small") })
    func claimed(_ count: Int) throws -> [String] {
      try (0..<count).map { _ in
        let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
        #expect(try bus.acknowledge(claimed.claim) == .held)
        return claimed.task.queue
      }
    }
    #expect(try claimed(20).count { $0 == "small" } == 10)
    bus = try engine.open(folder, clock)
    #expect(try claimed(20).count { $0 == "small" } == 10, "turns are kept where the bus is opened anew")
    #expect(try claimed(300).allSatisfy { $0 == "large" })
    _ = try bus.add((0..<1000).map { task("n\($0)", queue: "new", group: "new") })
    #expect(try claimed(100).count { $0 == "large" } == 50, "what comes late makes up for nothing")
    _ = try bus.add((0..<20).map { task("t\($0)", queue: "small", group: "small") })
    #expect(try claimed(30).count { $0 == "small" } == 10, "neither does what was idle")
  }

  @Test(arguments: Engine.allCases)
  func `a queue of long tasks and one of short tasks share the workers' time`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add((0..<100).map { task("l\($0)", queue: "long", group: "long") })
    _ = try bus.add((0..<500).map { task("s\($0)", queue: "short", group: "short") })
    var counts = ["long": 0, "short": 0]
    for _ in 0..<220 {
      let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
      counts[claimed.task.queue, default: 0] += 1
      #expect(try bus.acknowledge(claimed.claim, turns: claimed.task.queue == "long" ? 9 : 0) == .held)
    }
    #expect(counts == ["long": 20, "short": 200], "a long one is worth ten")
  }

  @Test(arguments: Engine.allCases)
  func `a long task that goes back half way pays for its time too`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add([task("long", queue: "long", group: "a")])
    _ = try bus.add((0..<200).map { task("short\($0)", queue: "short", group: "b") })
    var counts: [String: Int] = [:]
    for _ in 0..<110 {
      let claimed = try #require(try bus.claim(for: "w", lease: .seconds(60)))
      counts[claimed.task.queue, default: 0] += 1
      let isLong = claimed.task.queue == "long"
      let standing =
        isLong ? try bus.giveBack(claimed.claim, after: .zero, turns: 9) : try bus.acknowledge(claimed.claim)
      #expect(standing == .held)
    }
    #expect(counts == ["long": 10, "short": 100])
  }

  @Test(arguments: Engine.allCases)
  func `in a queue the highest priority is first, then the oldest`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add([task("a", priority: 1), task("b", priority: 7), task("c", priority: 7, most: 9), task("d")])
    var keys: [String] = []
    while let claimed = try bus.claim(for: "w", lease: .seconds(1)) {
      keys.append(claimed.task.key)
      if keys.count == 1 { _ = try bus.giveBack(claimed.claim, after: .zero) }
    }
    #expect(keys == ["b", "b", "c", "d", "a"], "what came back is as old as it was")
  }

  @Test(arguments: Engine.allCases)
  func `a key is added once, also after it was done, until its group is removed`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    #expect(try bus.add([task("a"), task("a"), task("b"), task("a", group: "other")]) == [true, false, true, true])
    let claimed = try #require(try bus.claim(for: "w", lease: .seconds(1)))
    #expect(try bus.acknowledge(claimed.claim) == .held)
    #expect(try bus.acknowledge(claimed.claim) == .lost, "once is enough")
    #expect(try bus.add([task("a", "another payload"), task("b")]) == [false, false])
    #expect(try bus.counts(group: "job").done == 1)
    #expect(try bus.remove(group: "job") == 2)
    #expect(try bus.counts(group: "job") == BusCounts())
    #expect(try bus.add([task("a"), task("b")]) == [true, true])
    #expect(kind { _ = try bus.add([task("z"), task("c", queue: "other")]) } == .badInput)
    #expect(try bus.add([task("z")]) == [true], "a batch that is refused adds nothing")
  }

  @Test(arguments: Engine.allCases)
  func `what fails is tried again after its delay, and set aside with all reasons`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add([task("poison", most: 3), task("bad", priority: 1)])
    for attempt in 1...3 {
      let claimed = try #require(try bus.claim(for: "w\(attempt)", lease: .seconds(5)))
      #expect(claimed.task.key == "poison" && claimed.claim.attempt == attempt)
      #expect(claimed.isLastAttempt == (attempt == 3))
      if attempt == 2 {
        clock.advance(.seconds(5))
        continue
      }
      let answer = try bus.fail(claimed.claim, Failure("reason \(attempt)", isRetryable: true, delay: .seconds(10)))
      #expect(answer == (attempt == 3 ? .setAside : .again))
      #expect(try bus.counts(group: "job").delayed == (attempt == 1 ? 1 : 0))
      if attempt == 1 { clock.advance(.seconds(10)) }
    }
    let bad = try #require(try bus.claim(for: "w", lease: .seconds(5)))
    #expect(try bus.fail(bad.claim, Failure("no video", isRetryable: false)) == .setAside)
    let page = try bus.setAside(in: "job", after: nil, limit: 10)
    #expect(page.tasks.map(\.task.key) == ["poison", "bad"] && page.next == nil)
    let failures = page.tasks[0].failures
    #expect(failures.map(\.attempt) == [1, 2, 3] && failures.map(\.worker) == ["w1", "w2", "w3"])
    #expect(failures[0].reason == "reason 1" && failures[1].reason.hasPrefix("the lease ran out"))
    #expect(try bus.retry("poison", in: "job") && !bus.retry("poison", in: "job"))
    let again = try #require(try bus.claim(for: "w", lease: .seconds(5)))
    #expect(again.claim.attempt == 4 && !again.isLastAttempt)
    #expect(try bus.acknowledge(again.claim) == .held)
    #expect(try bus.retry("job") == 1)
  }

  @Test(arguments: Engine.allCases)
  func `a claim that was taken over is refused everything`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add([task("a", most: 9)])
    let first = try #require(try bus.claim(for: "slow", lease: .seconds(5)))
    clock.advance(.seconds(60))
    #expect(try bus.extend(first.claim, lease: .seconds(5)) == .held, "it was late, but the task is still its own")
    clock.advance(.seconds(5))
    let second = try #require(try bus.claim(for: "quick", lease: .seconds(5)))
    #expect(second.task == first.task && second.claim.attempt == 2)
    #expect(try bus.extend(first.claim, lease: .seconds(5)) == .lost)
    #expect(try bus.fail(first.claim, Failure("", isRetryable: true)) == .lost)
    #expect(try bus.giveBack(first.claim, after: .zero) == .lost)
    #expect(try bus.acknowledge(first.claim) == .lost)
    #expect(try bus.acknowledge(second.claim) == .held)
  }

  @Test(arguments: Engine.allCases.filter(\.isOfOneMachine))
  func `a machine that starts anew ends all leases, and a date that is set ends none`(engine: Engine) throws {
    var bus = try engine.open(folder, clock)
    _ = try bus.add([task("a", most: 9), task("later", priority: 0, most: 9)])
    let first = try #require(try bus.claim(for: "w", lease: .seconds(3600)))
    let later = try #require(try bus.claim(for: "w", lease: .seconds(3600)))
    _ = try bus.fail(later.claim, Failure("soon", isRetryable: true, delay: .seconds(3600)))
    for date in [0, clock.date + 3600, clock.date - 3600] {
      clock.set(date: date)
      #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil)
    }
    clock.reboot()
    bus = try engine.open(folder, clock)
    #expect(try bus.extend(first.claim, lease: .seconds(1)) == .lost)
    let second = try #require(try bus.claim(for: "w", lease: .seconds(1)))
    #expect(second.task.key == "a" && second.claim.attempt == 2)
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "later", "a delay ends with the machine, too")
  }

  @Test(arguments: Engine.allCases)
  func `a group that is held gives nothing, whatever comes to it, and takes no turns`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    try bus.hold("job")
    _ = try bus.add([task("a"), task("b", priority: 9), task("c", group: "other")])
    #expect(try bus.backlog() == 1)
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "c")
    #expect(try bus.claim(for: "w", lease: .seconds(1)) == nil && !bus.waitForTask(atMost: .zero))
    var counts = BusCounts()
    (counts.held, counts.leased) = (2, 1)
    #expect(try bus.counts(queue: "acme") == counts)
    try bus.release("job")
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.key == "b")
    try bus.release("nothing")
    #expect(try bus.counts(group: "nothing") == BusCounts())
  }

  @Test(arguments: Engine.allCases)
  func `removing a queue takes its groups along, and claims of them hold no longer`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    for number in 0..<3 {
      _ = try bus.add((0..<700).map { task("\($0)", group: "job \(number)") })
      _ = try bus.add([task("x", queue: "other", group: "other \(number)")])
    }
    let claims = try (0..<8).map { _ in try #require(try bus.claim(for: "w", lease: .seconds(9))) }
    let own = claims.filter { $0.task.queue == "acme" }
    #expect(try bus.acknowledge(own[0].claim) == .held)
    #expect(try bus.knows(queue: "acme") && bus.remove(queue: "acme") == 2100)
    #expect(try !bus.knows(queue: "acme") && bus.knows(queue: "other"))
    #expect(try bus.extend(own[1].claim, lease: .seconds(9)) == .lost)
    #expect(try bus.acknowledge(own[2].claim) == .lost)
    clock.advance(.seconds(10))
    #expect(try bus.backlog() == 3 && bus.counts(queue: "acme") == BusCounts())
    #expect(try bus.add([task("0", group: "job 0")]) == [true])
  }

  @Test(arguments: Engine.allCases)
  func `what no engine takes is refused`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    let long = String(repeating: "x", count: BusLimits.nameByteCount + 1)
    let wrong: [[BusTask]] = [
      [], [task("")], [task(long)], [task("a", queue: "")], [task("a", group: long)], [task("a", priority: 10)],
      [task("a", priority: -1)], [task("a", most: 0)], [task("a", most: BusLimits.attempts + 1)],
      [task("a", String(repeating: "x", count: BusLimits.payloadByteCount + 1))],
      (0...BusLimits.batchCount).map { task("\($0)") },
    ]
    for tasks in wrong { #expect(kind { _ = try bus.add(tasks) } == .badInput) }
    for lease in [Duration.zero, .seconds(-1), BusLimits.longestLease + .seconds(1)] {
      #expect(kind { _ = try bus.claim(for: "w", lease: lease) } == .badInput)
    }
    #expect(kind { _ = try bus.claim(for: "", lease: .seconds(1)) } == .badInput)
    let made = Claim(group: "job", key: "a", attempt: 1, fence: "x")
    #expect(kind { _ = try bus.acknowledge(made) } == .badInput)
    #expect(kind { _ = try bus.fail(made, Failure("", isRetryable: true, delay: .seconds(-1))) } == .badInput)
    #expect(kind { _ = try bus.setAside(in: "job", after: "x", limit: 1) } == .badInput)
    #expect(kind { _ = try bus.setAside(in: "job", after: nil, limit: 0) } == .badInput)
    _ = try bus.add([task("a", String(repeating: "x", count: BusLimits.payloadByteCount))])
    #expect(try bus.claim(for: "w", lease: .seconds(1))?.task.payload.count == BusLimits.payloadByteCount)
  }

  @Test(arguments: Engine.allCases)
  func `of a reason as much is kept as has room, and of many the last`(engine: Engine) throws {
    let bus = try engine.open(folder, clock)
    _ = try bus.add([task("a", most: 1)])
    let count = BusLimits.reasons + 5
    for attempt in 1...count {
      let claimed = try #require(try bus.claim(for: "w", lease: .seconds(1)))
      #expect(claimed.claim.attempt == attempt)
      let reason = "\(attempt) " + String(repeating: "\u{1f3ac}", count: BusLimits.reasonByteCount)
      #expect(try bus.fail(claimed.claim, Failure(reason, isRetryable: true)) == .setAside)
      if attempt < count { #expect(try bus.retry("job") == 1) }
    }
    let failures = try bus.setAside(in: "job", after: nil, limit: 1).tasks[0].failures
    #expect(failures.map(\.attempt) == Array(6...count))
    #expect(failures.allSatisfy { (1020...1024).contains($0.reason.utf8.count) && !$0.reason.contains("\u{fffd}") })
  }

  @Test(arguments: Engine.allCases)
  func `who waits is woken by what another adds, and not before`(engine: Engine) throws {
    let (bus, other) = (try engine.open(folder, clock), try engine.open(folder, clock))
    #expect(try !bus.waitForTask(atMost: .milliseconds(30)))
    let adding = NativeThread {
      usleep(100_000)
      _ = try? other.add([task("a")])
    }
    let start = Clock.now
    #expect(try bus.waitForTask(atMost: .seconds(20)))
    #expect(Clock.now - start < 10_000_000_000)
    adding.join()
  }

  @Test(arguments: Engine.allCases)
  func `many threads and handles have every task once`(engine: Engine) throws {
    let handles = try (0..<3).map { _ in try engine.open(folder, clock) }
    let done = Monitor([String: Int]())
    let failures = Monitor([String]())
    let threads = (0..<6).map { number in
      NativeThread {
        do {
          let bus = handles[number % 3]
          _ = try bus.add((0..<40).map { task("\(number)-\($0)", queue: "q\(number % 2)", group: "g\(number % 2)") })
          while let claimed = try bus.claim(for: "w\(number)", lease: .seconds(60)) {
            if claimed.task.key.hasSuffix("7"), claimed.claim.attempt == 1 {
              _ = try bus.fail(claimed.claim, Failure("once", isRetryable: true))
              continue
            }
            done.update { $0[claimed.task.key, default: 0] += 1 }
            if try bus.acknowledge(claimed.claim) == .lost { failures.update { $0.append("lost \(claimed)") } }
          }
        } catch { failures.update { $0.append("\(error)") } }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.update { $0 } == [])
    // the last that failed may be left where all others had just seen nothing
    while let claimed = try handles[0].claim(for: "last", lease: .seconds(60)) {
      done.update { $0[claimed.task.key, default: 0] += 1 }
      _ = try handles[0].acknowledge(claimed.claim)
    }
    let counts = done.update { $0 }
    #expect(counts.count == 240 && counts.values.allSatisfy { $0 == 1 })
    #expect(try handles[1].counts(queue: "q0").done == 120)
  }
}
