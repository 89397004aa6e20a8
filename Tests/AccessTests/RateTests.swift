import Base
import TestKit
import Testing

@testable import Access

struct RateTests {
  @Test("A rate is read back from its text; everything else is refused with an example")
  func text() throws {
    for text in ["1/s", "50/s", "600/m", "1000000/h"] { #expect(try Rate(text: text).text == text) }
    #expect(try Rate(text: "50/s").burst == 50)
    #expect(try Rate(text: "50/s", burst: 7).burst == 7)
    for text in ["", "50", "0/s", "-1/s", "1.5/s", "+5/s", "05/s", "1000001/s", "5/d", "5/s/s", "/s", "5/", "5 /s"] {
      let fault = try #require(throws: Fault.self, "\(text)") { try Rate(text: text) }
      #expect(fault.kind == .usage && fault.message.contains("600/m"))
    }
  }

  @Test("A burst is taken at once, then one in each interval; the wait that is named is exact")
  func burst() {
    let rate = Rate(50, per: .second, burst: 3)
    var bucket = TokenBucket()
    let start = 123_456_789_000
    for _ in 0..<3 { #expect(bucket.take(rate, at: start) == nil) }
    #expect(bucket.take(rate, at: start) == 20_000_000)
    #expect(bucket.take(rate, at: start + 19_999_999) == 1)
    #expect(bucket.take(rate, at: start + 20_000_000) == nil)
    #expect(bucket.take(rate, at: start + 20_000_000) == 20_000_000)
    for _ in 0..<3 { #expect(bucket.take(rate, at: start + 10_000_000_000) == nil) }
    #expect(bucket.take(rate, at: start + 10_000_000_000) != nil)
  }

  /// Against the rule itself: in no span of time more than the burst and what the span brings.
  @Test(
    "Whatever the arrivals, no window holds more than its share, and who waits as told is let in", arguments: 0..<40)
  func window(_ seed: UInt64) {
    var dice = SeededRandom(seed)
    let rate = Rate(
      Int.random(in: 1...300, using: &dice), per: Rate.Unit.allCases.randomElement(using: &dice)!,
      burst: Int.random(in: 1...20, using: &dice))
    var (bucket, now) = (TokenBucket(), Int.random(in: 0...1 << 50, using: &dice))
    var taken: [Int] = []
    for _ in 0..<150 {
      if let wait = bucket.take(rate, at: now) {
        var (early, right) = (bucket, bucket)
        let isExact = wait > 0 && early.take(rate, at: now + wait - 1) == 1 && right.take(rate, at: now + wait) == nil
        if !isExact { Issue.record("the wait \(wait) is not exact") }
      } else {
        taken.append(now)
      }
      now += Int.random(in: 0...(2 * rate.interval), using: &dice) / Int.random(in: 1...8, using: &dice)
    }
    let isKept = taken.indices.allSatisfy { first in
      (first..<taken.count).allSatisfy { $0 - first < rate.burst + (taken[$0] - taken[first]) / rate.interval }
    }
    #expect(isKept)
    #expect(taken.count >= min(150, rate.burst))
  }

  @Test("A rate that is changed holds at once, and moments out of order take nothing from anybody")
  func change() {
    var bucket = TokenBucket()
    let slow = Rate(1, per: .hour)
    #expect(bucket.take(slow, at: 1_000) == nil)
    #expect(bucket.take(slow, at: 2_000) != nil)
    #expect(bucket.take(Rate(1, per: .hour, burst: 2), at: 2_000) == nil)
    var late = TokenBucket()
    let rate = Rate(10, per: .second, burst: 2)
    #expect(late.take(rate, at: 5_000_000_000) == nil)
    #expect(late.take(rate, at: 4_990_000_000) == nil)
    #expect(late.take(rate, at: 5_000_000_000) == 100_000_000)
  }
}
