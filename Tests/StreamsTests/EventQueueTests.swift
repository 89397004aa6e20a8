import Base
import Catalog
import Testing

@testable import Streams

struct EventQueueTests {
  private static let second: UInt64 = 1_000_000_000
  private let gone = Fault(.unavailable, "the disk is gone")

  private func event(_ number: Int, _ stream: String = "a", isOver: Bool = true) -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    var event = StreamEvent(
      id: ULID(milliseconds: 1_700_000_000_000 + number, using: &random), client: "c", stream: stream, rule: "r",
      from: 1_700_000_000_000 + number, pipeline: "p")
    event.state = isOver ? .over : .open
    event.count = number
    return event
  }

  /// What is given at a moment, as stream and number.
  private func take(_ queue: inout EventQueue, at now: UInt64) -> [String] {
    var found: [String] = []
    while let next = queue.next(at: now) {
      found.append("\(next.event.stream)\(next.event.count)")
      queue.settle(next.place)
    }
    return found
  }

  @Test("Streams take turns, and one of which nothing can be written holds up no other")
  func turns() throws {
    var queue = EventQueue()
    let tally = EventTally()
    for number in 1...3 { queue.add(event(number, "a"), of: "c/a", tally) }
    for number in 1...2 { queue.add(event(number, "b"), of: "c/b", tally) }
    let taken = queue.next(at: 0)
    let first = try #require(taken)
    #expect(first.event.stream == "a" && first.event.count == 1)
    let isNews = queue.putBack(first, gone, at: 0)
    #expect(isNews)
    let others = take(&queue, at: 0)
    #expect(others == ["b1", "b2"])
    #expect(queue.due == Self.second && queue.has("c/a") && !queue.has("c/b"))
    // The one that failed is behind the others of its stream.
    let rest = take(&queue, at: Self.second)
    #expect(rest == ["a2", "a3", "a1"])
    #expect(!queue.has("c/a") && queue.due == nil && tally.losses == EventLosses())
  }

  @Test("What fails again and again is tried less and less often, complained of once, and never given up")
  func rests() throws {
    var (queue, now, pauses) = (EventQueue(), UInt64(0), [UInt64]())
    queue.add(event(1), of: "c/a", EventTally())
    for attempt in 0..<8 {
      let taken = queue.next(at: now)
      let next = try #require(taken)
      let isNews = queue.putBack(next, gone, at: now)
      #expect(isNews == (attempt == 0))
      let due = try #require(queue.due)
      pauses.append((due - now) / Self.second)
      let early = take(&queue, at: due - 1)
      #expect(early.isEmpty)
      now = due
    }
    #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
    let last = take(&queue, at: now)
    #expect(last == ["a1"])
  }

  @Test("Of an event its newest state is written, with its newest picture, and what failed takes neither's place")
  func newest() throws {
    var queue = EventQueue()
    let (tally, open) = (EventTally(), event(1, isOver: false))
    var over = open
    (over.state, over.count) = (.over, 2)
    queue.add(open, of: "c/a", tally)
    let kept = [queue.add(picture: [1], of: open.id), queue.add(picture: [2, 2], of: open.id)]
    let first = queue.next(at: 0)
    let failed = try #require(first)
    #expect(kept == [true, true] && failed.picture == [2, 2] && queue.byteCount == 0)
    queue.add(over, of: "c/a", tally)
    _ = queue.putBack(failed, gone, at: 0)
    #expect(queue.count == 1)
    let second = queue.next(at: Self.second)
    let next = try #require(second)
    #expect(next.event.state == .over && next.picture == [2, 2])
  }

  @Test("Pictures that wait are bounded by bytes, events by number, and what is lost is counted at its stream")
  func bounds() throws {
    var queue = EventQueue(most: 4, mostBytes: 1000)
    let (busy, quiet) = (EventTally(), EventTally())
    let events = (1...4).map { event($0) }
    for event in events { queue.add(event, of: "c/a", busy) }
    let fit = events.map { queue.add(picture: [UInt8](repeating: 0, count: 300), of: $0.id) }
    #expect(fit == [true, true, true, false] && queue.byteCount == 900)
    // Another stream's event finds room: the one that has most waiting loses its oldest, with its picture.
    queue.add(event(9, "b"), of: "c/b", quiet)
    #expect(queue.count == 4 && queue.byteCount == 600)
    #expect(busy.losses.lost == 1 && busy.losses.lostPictures == 1 && quiet.losses == EventLosses())
    #expect(busy.losses.reason?.contains("wait to be written") == true && busy.losses.at ?? 0 > 1e9)
    // One that is open is told again, and is not lost yet.
    var other = EventQueue(most: 1)
    let tally = EventTally()
    other.add(event(1, isOver: false), of: "c/a", tally)
    other.add(event(2), of: "c/a", tally)
    #expect(tally.losses.lost == 0 && other.count == 1)
  }

  @Test("A rule that flaps is kept a hundred times in five minutes, and others of its stream are not held back")
  func flapping() {
    let tally = EventTally()
    var (kept, news) = (0, 0)
    // One a second for ten minutes.
    for second in 0..<600 {
      let (isKept, fault) = tally.begin("flaps", at: UInt64(second) * Self.second)
      kept += isKept ? 1 : 0
      news += fault == nil ? 0 : 1
      let other = tally.begin("other \(second / 90)", at: UInt64(second) * Self.second)
      #expect(other.isKept && other.news == nil)
    }
    #expect(kept == 200 && tally.losses.withheld == 400 && news == 1)
    #expect(tally.losses.reason?.contains("'flaps'") == true)
    let later = tally.begin("flaps", at: 2000 * Self.second)
    #expect(later.isKept)
  }
}
