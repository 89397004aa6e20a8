import TestKit
import Testing

@testable import Web

@Suite("Deadlines")
struct TimerWheelTests {
  private final class Item: Timed {
    var due = UInt64.max
    var place: TimerPlace?
    var number = 0
  }

  private static let second: UInt64 = 1_000_000_000

  @Test("each passes within a slot of its time, none earlier, however they are moved", arguments: 0..<20)
  func onTime(seed: Int) {
    var dice = SeededRandom(UInt64(seed))
    var now = UInt64.random(in: 0...1000 * Self.second, using: &dice)
    var timerWheel = TimerWheel<Item>(now: now)
    let items = (0..<50).map { _ in Item() }
    for _ in 0..<2000 {
      let item = items.randomElement(using: &dice)!
      switch Int.random(in: 0..<10, using: &dice) {
      case 0:
        item.due = .max
        timerWheel.remove(item)
      case 1: item.due = .max
      default:
        item.due = now + UInt64.random(in: 0...[1, 20, 300].randomElement(using: &dice)! * Self.second, using: &dice)
        timerWheel.set(item)
      }
      let wait = timerWheel.wait(from: now)
      let next = items.map(\.due).min()!
      // Sleeps past no slot that is taken, and not for ever.
      #expect(
        next == .max || wait >= 0 && now + UInt64(wait) * 1_000_000 <= max(next, now) + 2 * TimerWheel<Item>.slotLength)
      let slept = wait < 0 ? Self.second : UInt64(wait) * 1_000_000
      now += Bool.random(using: &dice) ? slept : UInt64.random(in: 0...slept, using: &dice)
      let expired = timerWheel.advance(to: now)
      #expect(expired.allSatisfy { $0.due <= now && $0.place == nil })
      for item in expired { item.due = .max }
      #expect(items.allSatisfy { $0.due > now || now - $0.due <= TimerWheel<Item>.slotLength + 1_000_000 })
    }
  }

  @Test("deadlines that keep moving away are looked at once a turn, not each time")
  func movesForFree() {
    var now = Self.second
    var timerWheel = TimerWheel<Item>(now: now)
    let item = Item()
    var looks = 0
    while now < 600 * Self.second {
      item.due = now + 60 * Self.second
      timerWheel.set(item)
      if timerWheel.wait(from: now) == 0 { looks += 1 }
      now += Self.second / 10
      #expect(timerWheel.advance(to: now).isEmpty)
    }
    #expect(looks <= 20)
  }

  @Test("a timerWheel with nobody in it lets its loop sleep for ever")
  func sleeps() {
    var timerWheel = TimerWheel<Item>(now: 7)
    #expect(timerWheel.wait(from: 7) == -1)
    let item = Item()
    item.due = 5 * Self.second
    timerWheel.set(item)
    #expect((4990...5110).contains(timerWheel.wait(from: 7)))
    timerWheel.remove(item)
    #expect(timerWheel.wait(from: 7) == -1)
  }
}
