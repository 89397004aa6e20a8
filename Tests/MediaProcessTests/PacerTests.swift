import Base
import Testing

@testable import MediaProcess

struct PacerTests {
  private static let second: UInt64 = 1_000_000_000

  @Test("Pictures that come at once are due at the pace of their times")
  func pace() {
    var pacer = Pacer(clockRate: 90_000)
    let places = (0..<10).map { pacer.place(5000 + 3600 * $0, now: 7 * Self.second) }
    #expect(
      places.map(\.due) == (0..<10).map { 7 * Self.second + UInt64($0) * 40_000_000 }
        && places.allSatisfy { $0.offset == 0 })
  }

  @Test(
    "What had to be waited for moves all that comes behind it, and its times with it, so that nothing counts as old")
  func stall() {
    var pacer = Pacer(clockRate: 90_000)
    let first = pacer.place(0, now: Self.second)
    let late = pacer.place(3600, now: 3 * Self.second)
    let next = pacer.place(7200, now: 3 * Self.second)
    #expect(first.due == Self.second && late.due == 3 * Self.second && next.due == 3 * Self.second + 40_000_000)
    // 2 s less the 40 ms that lie between the two.
    #expect(late.offset == 176_400 && next.offset == 176_400)
  }

  @Test("Times that jump are counted on", arguments: [-1_000_000, 5_000_000, 1 << 40])
  func jump(by step: Int) {
    var pacer = Pacer(clockRate: 90_000)
    _ = pacer.place(0, now: 0)
    let before = pacer.place(3600, now: 0)
    let after = pacer.place(3600 + step, now: 0)
    let next = pacer.place(7200 + step, now: 0)
    #expect(after.due == before.due + 40_000_000 && next.due == after.due + 40_000_000)
    #expect(3600 + step + after.offset == 7200)
  }

  @Test("What is sent as it is taken does not wait, unless hours are sent at once")
  func live() {
    var pacer = Pacer(clockRate: 90_000, lead: 10 * Self.second)
    for number in 0..<250 { #expect(pacer.place(3600 * number, now: 0).due == 0) }
    var far = Pacer.Place(due: 0, offset: 0)
    for number in 3..<720 { far = pacer.place(5 * 90_000 * number, now: 0) }
    #expect(far == Pacer.Place(due: (719 * 5 - 10) * Self.second, offset: 0))
  }
}
