import Batching
import TestKit
import Testing

/// The scheduler by its decisions, and beside a book that is kept by hand.
struct BatchSchedulerTests {
  private typealias Scheduler = BatchScheduler<String, Int>

  private func scheduler(limit: Int = 100, lanes: Int = 1, batch: Int = 4) -> Scheduler {
    var scheduler = Scheduler(limit: limit, turn: batch)
    for _ in 0..<lanes { _ = scheduler.addLane(room: batch) }
    return scheduler
  }

  /// Lets an item in that must get in, and gives the lanes that start.
  private func bring(_ item: Int, _ scheduler: inout Scheduler, rows: Int = 1, now: UInt64 = 0) -> [Int] {
    let admission = scheduler.admit(item, rows: rows, from: "a", deadline: .max, now: now)
    guard case .accepted = admission else {
      Issue.record("\(item) was not let in: \(admission)")
      return []
    }
    return start(&scheduler, now: now)
  }

  private func start(_ scheduler: inout Scheduler, now: UInt64 = 0) -> [Int] {
    var (late, lanes) = ([Int](), [Int]())
    scheduler.start(now: now, late: &late).forEach { lanes.append($0) }
    #expect(late.isEmpty)
    return lanes
  }

  /// The lane's batch runs and is answered.
  private func end(_ lane: Int, _ scheduler: inout Scheduler, now: UInt64 = 0) {
    scheduler.ran(on: lane, now: now)
    scheduler.free(lane)
  }

  @Test("A single input starts at once where a lane is free, and alone")
  func startsAtOnce() {
    var scheduler = scheduler()
    #expect(bring(1, &scheduler) == [0])
    #expect(scheduler.lanes[0].batch.map(\.item) == [1] && scheduler.running == 1)
  }

  @Test("While the lanes are busy, inputs gather and start together, as many as fit")
  func gathers() {
    var scheduler = scheduler(batch: 3)
    _ = bring(0, &scheduler)
    for item in 1...4 { #expect(bring(item, &scheduler).isEmpty) }
    end(0, &scheduler)
    #expect(start(&scheduler) == [0] && scheduler.lanes[0].batch.map(\.item) == [1, 2, 3])
    end(0, &scheduler)
    #expect(start(&scheduler) == [0] && scheduler.lanes[0].batch.map(\.item) == [4])
  }

  @Test("A lane that comes later takes what waits")
  func laterLane() {
    var scheduler = scheduler(batch: 1)
    _ = bring(1, &scheduler)
    #expect(bring(2, &scheduler).isEmpty)
    let lane = scheduler.addLane(room: 1)
    #expect(start(&scheduler) == [lane])
    _ = scheduler.addLane(room: 1)
    #expect(start(&scheduler).isEmpty)
  }

  @Test("A lane that answers takes nothing until it is free, and a long item is spread over the lanes")
  func spreads() {
    var scheduler = scheduler(lanes: 2, batch: 2)
    #expect(bring(1, &scheduler, rows: 5) == [0, 1])
    scheduler.ran(on: 0, now: 1)
    #expect(start(&scheduler).isEmpty)
    scheduler.free(0)
    #expect(start(&scheduler) == [0] && scheduler.lanes[0].rowCount == 1 && scheduler.lanes[0].batch[0].isLast)
  }

  @Test("What cannot be answered in time is refused at once, with the time that the work before it takes")
  func refuses() throws {
    var scheduler = scheduler(limit: 8, batch: 1)
    _ = bring(1, &scheduler)
    end(0, &scheduler, now: 100)
    for item in 2...4 { _ = bring(item, &scheduler, now: 100) }
    // One runs and two wait, each 100 ns.
    guard case .refused(let wait) = scheduler.admit(9, rows: 1, from: "a", deadline: 300, now: 100) else {
      Issue.record("it was let in")
      return
    }
    #expect(wait == 300)
    guard case .accepted = scheduler.admit(9, rows: 1, from: "a", deadline: 401, now: 100) else {
      Issue.record("there was time enough")
      return
    }
    if case .late = scheduler.admit(10, rows: 1, from: "a", deadline: 100, now: 100) {
    } else {
      Issue.record("too late")
    }
    scheduler.close()
    if case .closed = scheduler.admit(11, rows: 1, from: "b", deadline: .max, now: 1) {} else { Issue.record("closed") }
  }

  @Test("A batch that failed runs again row by row, before anything that waits")
  func retries() {
    var scheduler = scheduler(batch: 3)
    _ = bring(0, &scheduler)
    _ = bring(1, &scheduler, rows: 2)
    _ = bring(2, &scheduler)
    end(0, &scheduler)
    _ = start(&scheduler)
    _ = bring(3, &scheduler)
    scheduler.ran(on: 0, now: 0)
    scheduler.retryAlone(on: 0)
    var order: [[Int]] = []
    repeat {
      scheduler.free(0)
      #expect(start(&scheduler) == [0])
      order.append(scheduler.lanes[0].batch.flatMap { [$0.item, $0.first] })
      scheduler.ran(on: 0, now: 0)
    } while order.count < 4
    #expect(order == [[1, 0], [1, 1], [2, 0], [3, 0]])
  }

  @Test("While inputs come one by one the lane with all cores runs them, and under load it waits")
  func lowLatency() {
    var scheduler = scheduler(batch: 1)
    for item in 0..<2 {
      #expect(bring(item, &scheduler) == [0])
      let isWished = scheduler.takeLowLatencyWish()
      #expect(!isWished)
      end(0, &scheduler)
    }
    _ = bring(2, &scheduler)
    let wishes = [scheduler.takeLowLatencyWish(), scheduler.takeLowLatencyWish()]
    #expect(wishes == [true, false])
    end(0, &scheduler)
    let quick = scheduler.addLane(room: 1, isLowLatency: true)
    #expect(bring(3, &scheduler) == [quick])
    // It has all cores, so nothing else begins.
    #expect(bring(4, &scheduler).isEmpty)
    scheduler.ran(on: quick, now: 0)
    #expect(start(&scheduler) == [0])
  }

  @Test("A lane that runs for too long is seen, and what is inside can be given up")
  func hangs() {
    var scheduler = scheduler(batch: 1)
    _ = bring(1, &scheduler, now: 1000)
    _ = bring(2, &scheduler, now: 1000)
    #expect(!scheduler.isHung(now: 1500, stall: 500) && scheduler.isHung(now: 1501, stall: 500))
    let inside = Set(scheduler.abandon())
    #expect(inside == [1, 2] && scheduler.isClosed)
  }

  /// What is known of an item from outside.
  private struct Entry {
    let rows: Int
    let deadline: UInt64
    var taken = 0
    var ended = false
    var ticket: Scheduler.Ticket
  }

  @Test(
    "Whatever comes in whatever order, each row runs exactly once, in time, and no lane has more than fits",
    arguments: 0..<300)
  func anyOrder(seed: Int) {
    var dice = SeededRandom(UInt64(seed))
    let (batch, lanes) = (Int.random(in: 1...6, using: &dice), Int.random(in: 1...4, using: &dice))
    var scheduler = scheduler(limit: Int.random(in: 4...40, using: &dice), lanes: lanes, batch: batch)
    if seed % 3 == 0 { _ = scheduler.addLane(room: 1, isLowLatency: true) }
    var (book, now, running, answering) = ([Int: Entry](), UInt64(0), Set<Int>(), Set<Int>())
    for step in 0..<500 {
      now += UInt64.random(in: 0...3, using: &dice)
      switch Int.random(in: 0..<5, using: &dice) {
      case 0, 1:
        guard step < 400 else { break }
        let (rows, deadline) = (Int.random(in: 1...5, using: &dice), now + UInt64.random(in: 0...60, using: &dice))
        let source = "\(Int.random(in: 0..<3, using: &dice))"
        if case .accepted(let ticket) = scheduler.admit(step, rows: rows, from: source, deadline: deadline, now: now) {
          book[step] = Entry(rows: rows, deadline: deadline, ticket: ticket)
        }
      case 2:
        guard let item = book.keys.sorted().randomElement(using: &dice), book[item]!.taken == 0 else { break }
        scheduler.remove(book[item]!.ticket)
        book[item]!.ended = true
      case 3:
        guard let lane = running.sorted().randomElement(using: &dice) else { break }
        scheduler.ran(on: lane, now: now)
        running.remove(lane)
        answering.insert(lane)
      default:
        guard let lane = answering.sorted().randomElement(using: &dice) else { break }
        scheduler.free(lane)
        answering.remove(lane)
      }
      note(&scheduler, &book, &running, answering, now)
    }
    while !running.isEmpty || !answering.isEmpty {
      for lane in running { scheduler.ran(on: lane, now: now) }
      for lane in running.union(answering) { scheduler.free(lane) }
      (running, answering) = ([], [])
      note(&scheduler, &book, &running, answering, now)
    }
    #expect(scheduler.isIdle && scheduler.waiting == 0)
    for (item, entry) in book { #expect(entry.ended || entry.taken == entry.rows, "item \(item) was forgotten") }
  }

  private func note(
    _ scheduler: inout Scheduler, _ book: inout [Int: Entry], _ running: inout Set<Int>, _ answering: Set<Int>,
    _ now: UInt64
  ) {
    var late: [Int] = []
    var started: [Int] = []
    scheduler.start(now: now, late: &late).forEach { started.append($0) }
    for item in late {
      #expect(book[item]!.deadline <= now && !book[item]!.ended)
      book[item]!.ended = true
    }
    for lane in started {
      #expect(!running.contains(lane) && !answering.contains(lane), "it does something already")
      let batch = scheduler.lanes[lane].batch
      #expect(!batch.isEmpty && batch.reduce(0) { $0 + $1.count } <= scheduler.lanes[lane].room)
      for portion in batch {
        #expect(book[portion.item]!.taken == portion.first, "rows run in order, each once")
        #expect(book[portion.item]!.deadline > now && !book[portion.item]!.ended)
        book[portion.item]!.taken += portion.count
        #expect(portion.isLast == (book[portion.item]!.taken == book[portion.item]!.rows))
      }
      running.insert(lane)
    }
  }
}
