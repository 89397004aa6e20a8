import Catalog
import Items
import TestKit
import Testing

@testable import Delivery

struct NoticeQueueTests {
  private func notice(
    _ number: Int, _ stream: String, of event: String? = nil, _ phase: Notice.Phase = .start, queued: Int = 0,
    due: Int = 0, tried: Int = 0
  ) -> WaitingNotice {
    WaitingNotice(
      key: ItemKey("N", "\(number)"), number: number, stream: stream, of: event ?? "e\(number)", phase: phase,
      queued: queued, due: due, tried: tried)
  }

  private func number(_ step: NoticeQueue.Step?) -> Int? {
    if case .tell(let notice) = step { notice.number } else { nil }
  }

  @Test("Of each stream one is told at a time, in order; streams take turns")
  func order() {
    var queue = NoticeQueue(patience: 1000)
    for (number, stream) in ["a", "a", "b", "a", "b", "c"].enumerated() { queue.add(notice(number + 1, stream)) }
    #expect([queue.next(at: 0), queue.next(at: 0), queue.next(at: 0)].map(number) == [1, 3, 6])
    #expect(queue.next(at: 0) == nil, "each stream has one at work")
    queue.settle("a", isTaken: true)
    #expect(number(queue.next(at: 0)) == 2 && queue.next(at: 0) == nil)
    queue.settle("b", isTaken: true)
    queue.settle("c", isTaken: true)
    #expect(number(queue.next(at: 0)) == 5 && queue.count == 3)
  }

  @Test("A number that was added is not added again")
  func once() {
    var queue = NoticeQueue(patience: 1000)
    queue.add(notice(5, "a"))
    queue.add(notice(5, "a"))
    queue.add(notice(4, "a"))
    #expect(queue.count == 1 && queue.last == 5)
  }

  @Test("A notice that is refused holds up its own stream alone, and is the next of it")
  func refused() {
    var queue = NoticeQueue(patience: 100_000)
    for number in 1...3 { queue.add(notice(number, number == 3 ? "b" : "a")) }
    #expect(number(queue.next(at: 0)) == 1)
    #expect(queue.failures(of: "a") == 1)
    queue.rest("a", until: 500)
    #expect(number(queue.next(at: 0)) == 3)
    queue.settle("b", isTaken: true)
    #expect(queue.next(at: 499) == nil && number(queue.next(at: 500)) == 1)
    #expect(queue.failures(of: "a") == 2)
  }

  @Test("A target that cannot be reached is tried with one notice at a time until it takes one")
  func away() {
    var queue = NoticeQueue(patience: 100_000)
    for number in 1...4 { queue.add(notice(number, "s\(number)")) }
    #expect([queue.next(at: 0), queue.next(at: 0)].map(number) == [1, 2])
    queue.restAll(after: "s1", until: 100)
    queue.restAll(after: "s2", until: 120)
    #expect(queue.failures == 2 && queue.next(at: 119) == nil)
    #expect(number(queue.next(at: 120)) == 3 && queue.next(at: 120) == nil, "one alone finds out")
    queue.settle("s3", isTaken: true)
    #expect(queue.failures == 0)
    #expect([queue.next(at: 120), queue.next(at: 120), queue.next(at: 120)].map(number) == [4, 1, 2])
  }

  @Test("One that has waited too long is given up, while the target rests too, and the next of its stream comes")
  func old() {
    var queue = NoticeQueue(patience: 1000, isPaused: true)
    queue.add(notice(1, "a", queued: 0))
    queue.add(notice(2, "a", queued: 900))
    #expect(queue.next(at: 999) == nil && queue.oldest == 0)
    #expect(queue.next(at: 1000) == .expire(notice(1, "a", queued: 0)))
    queue.settle("a")
    #expect(queue.next(at: 1000) == nil, "nothing is told by a target that is paused")
    queue.isPaused = false
    #expect(number(queue.next(at: 1000)) == 2)
  }

  @Test("Updates are left out where something newer of the same event waits in the line; beginnings and ends never are")
  func updates() {
    var queue = NoticeQueue(patience: 1000)
    let line: [(String, Notice.Phase)] = [
      ("x", .start), ("x", .update), ("y", .update), ("x", .update), ("x", .end), ("y", .update),
    ]
    for (number, (event, phase)) in line.enumerated() { queue.add(notice(number + 1, "a", of: event, phase)) }
    #expect(number(queue.next(at: 0)) == 1)
    queue.settle("a", isTaken: true)
    guard case .leaveOut(let passed) = queue.next(at: 0) else { return #expect(Bool(false)) }
    #expect(passed.map(\.number) == [2, 3, 4])
    queue.settle("a", count: passed.count)
    #expect(number(queue.next(at: 0)) == 5 && queue.count == 2)
    queue.settle("a", isTaken: true)
    #expect(number(queue.next(at: 0)) == 6)
  }

  @Test("After a restart the first of a stream waits as long as before")
  func restarted() {
    var queue = NoticeQueue(patience: 100_000)
    queue.add(notice(1, "a", due: 700, tried: 3))
    #expect(queue.next(at: 699) == nil && number(queue.next(at: 700)) == 1)
    #expect(queue.failures(of: "a") == 4)
  }

  @Test("In any interleaving every notice is told once, and in the order of its stream", arguments: 1...20)
  func anyOrder(seed: UInt64) {
    var dice = SeededRandom(seed)
    var (queue, now, next) = (NoticeQueue(patience: 1_000_000), 0, 1)
    var (working, told) = ([String: Int](), [String: [Int]]())
    while told.values.joined().count < 200 {
      now += 10
      if next <= 200, Bool.random(using: &dice) {
        queue.add(notice(next, "s\(Int.random(in: 0..<5, using: &dice))"))
        next += 1
      }
      if let step = queue.next(at: now), case .tell(let notice) = step {
        #expect(working[notice.stream] == nil)
        working[notice.stream] = notice.number
      }
      guard let (stream, number) = working.randomElement(using: &dice), Bool.random(using: &dice) else { continue }
      working[stream] = nil
      switch Int.random(in: 0..<5, using: &dice) {
      case 0: queue.rest(stream, until: now + 50)
      case 1: queue.restAll(after: stream, until: now + 50)
      case 2: queue.putBack(stream, until: now + 20)
      default:
        told[stream, default: []].append(number)
        queue.settle(stream, isTaken: true)
      }
    }
    for numbers in told.values { #expect(numbers == numbers.sorted()) }
    #expect(Set(told.values.joined()).count == 200 && queue.count == 0)
  }
}
