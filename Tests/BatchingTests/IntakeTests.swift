import Batching
import TestKit
import Testing

@Suite struct IntakeTests {
  private typealias Line = Intake<String, Int>

  private func drain(_ intake: inout Line, _ room: Int, now: UInt64 = 0) -> [Int] {
    var late: [Int] = []
    return take(&intake, room, now: now, late: &late).flatMap { Array(repeating: $0.item, count: $0.count) }
  }

  @Test func sourcesTakeTurns() {
    var intake = Line(limit: 100, turn: 1)
    for item in 0..<6 { _ = intake.add(item, rows: 1, from: "loud", deadline: 10) }
    for item in 100..<102 { _ = intake.add(item, rows: 1, from: "quiet", deadline: 10) }
    #expect(drain(&intake, 8) == [0, 100, 1, 101, 2, 3, 4, 5])
    #expect(intake.isEmpty)
  }

  @Test func theMostUrgentOfASourceGoesFirst() {
    var intake = Line(limit: 100, turn: 4)
    for (item, deadline) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
      _ = intake.add(item, rows: 1, from: "a", deadline: UInt64(deadline))
    }
    #expect(drain(&intake, 4) == [2, 4, 3, 1])
  }

  @Test func whatIsLateIsNeverTaken() {
    var intake = Line(limit: 100, turn: 4)
    _ = intake.add(1, rows: 3, from: "a", deadline: 10)
    _ = intake.add(2, rows: 1, from: "a", deadline: 30)
    var late: [Int] = []
    #expect(take(&intake, 1, now: 9, late: &late).map(\.item) == [1])
    #expect(take(&intake, 4, now: 10, late: &late).map(\.item) == [2])
    #expect(late == [1] && intake.rows == 0)
    _ = intake.add(3, rows: 1, from: "b", deadline: 5)
    #expect(intake.takeLate(now: 4).isEmpty)
    #expect(intake.takeLate(now: 5) == [3] && intake.isEmpty)
  }

  @Test func aLongItemIsTakenInPortions() throws {
    var intake = Line(limit: 100, turn: 2)
    _ = intake.add(1, rows: 5, from: "a", deadline: 10)
    var late: [Int] = []
    var rows: [Range<Int>] = []
    while !intake.isEmpty {
      for portion in take(&intake, 2, now: 0, late: &late) {
        rows.append(portion.first..<portion.first + portion.count)
        #expect(portion.isLast == (portion.first + portion.count == 5))
      }
    }
    #expect(rows == [0..<2, 2..<4, 4..<5])
  }

  @Test func aFloodLeavesRoomForOthers() {
    var intake = Line(limit: 16, turn: 1)
    var accepted = 0
    while intake.add(accepted, rows: 1, from: "flood", deadline: 10) != nil { accepted += 1 }
    #expect(accepted == 8)
    #expect(intake.add(100, rows: 1, from: "other", deadline: 10) != nil)
    #expect(intake.rowsBefore(newRowOf: "other") == 3)
    #expect(intake.rowsBefore(newRowOf: "third") == 2)
    #expect(intake.rowsBefore(newRowOf: "flood") == 9)
  }

  /// Beside a plain list that is searched from the start each time.
  @Test func agreesWithAListThroughAnythingThatHappens() {
    var dice = SeededRandom(7)
    for _ in 0..<200 {
      let turn = Int.random(in: 1...4, using: &dice)
      var intake = Intake<Int, Int>(limit: 40, turn: turn)
      var waiting: [Int: (source: Int, rows: Int, deadline: UInt64)] = [:]
      var (tickets, seen, item, now) = ([Int: Int](), [Int: Int](), 0, UInt64(0))
      for _ in 0..<200 {
        switch Int.random(in: 0..<5, using: &dice) {
        case 0, 1:
          item += 1
          let (source, rows) = (Int.random(in: 0..<4, using: &dice), Int.random(in: 1...6, using: &dice))
          let deadline = now + UInt64.random(in: 1...30, using: &dice)
          let own = waiting.values.filter { $0.source == source }.reduce(0) { $0 + $1.rows }
          let all = waiting.values.reduce(0) { $0 + $1.rows }
          let ticket = intake.add(item, rows: rows, from: source, deadline: deadline)
          #expect((ticket != nil) == (all == 0 || own + rows <= 40 - all))
          if let ticket { (tickets[item], waiting[item]) = (ticket, (source, rows, deadline)) }
        case 2:
          var late: [Int] = []
          let room = Int.random(in: 1...5, using: &dice)
          let portions = take(&intake, room, now: now, late: &late)
          for item in late { #expect(waiting.removeValue(forKey: item)!.deadline <= now) }
          for portion in portions {
            let entry = waiting[portion.item]!
            #expect(entry.deadline > now && portion.first == seen[portion.item, default: 0])
            let rivals = waiting.values.filter { $0.source == entry.source }
            #expect(rivals.allSatisfy { $0.deadline >= entry.deadline || $0.deadline <= now })
            seen[portion.item, default: 0] += portion.count
            waiting[portion.item]!.rows -= portion.count
            #expect(portion.isLast == (waiting[portion.item]!.rows == 0))
            if portion.isLast { waiting[portion.item] = nil }
          }
          #expect(portions.reduce(0) { $0 + $1.count } == room || intake.isEmpty)
        case 3:
          guard let item = tickets.keys.sorted().randomElement(using: &dice) else { continue }
          #expect((intake.remove(tickets[item]!) != nil) == (waiting.removeValue(forKey: item) != nil))
        default:
          now += UInt64.random(in: 0...8, using: &dice)
          let late: [Int] = intake.takeLate(now: now)
          #expect(late.sorted() == waiting.filter { $0.value.deadline <= now }.keys.sorted())
          for item in late { waiting[item] = nil }
        }
        #expect(intake.rows == waiting.values.reduce(0) { $0 + $1.rows } && intake.count == waiting.count)
      }
    }
  }

  /// Where every source always has something to send, none gets more than a turn ahead of another.
  @Test func sharesAreEqual() {
    var dice = SeededRandom(3)
    var intake = Intake<Int, Int>(limit: 4000, turn: 4)
    var got = [0, 0, 0]
    for _ in 0..<500 {
      for source in 0..<3 {
        for _ in 0..<(source == 0 ? 20 : 3) {
          _ = intake.add(source, rows: Int.random(in: 1...3, using: &dice), from: source, deadline: .max)
        }
      }
      var late: [Int] = []
      for portion in take(&intake, 8, now: 0, late: &late) { got[portion.item] += portion.count }
      #expect(got.max()! - got.min()! <= 8)
    }
  }
}

/// What the intake gives for so many rows.
private func take<Source: Hashable & Sendable>(
  _ intake: inout Intake<Source, Int>, _ room: Int, now: UInt64, late: inout [Int]
) -> [Intake<Source, Int>.Portion] {
  var portions: [Intake<Source, Int>.Portion] = []
  intake.take(room, now: now, into: &portions, late: &late)
  return portions
}
