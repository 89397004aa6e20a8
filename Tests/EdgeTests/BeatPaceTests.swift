import Testing

@testable import Edge

@Suite struct BeatPaceTests {
  @Test func `a centre that is away is asked with growing rests, and found within a minute`() {
    var pace = BeatPace()
    #expect((9.0...11).contains(pace.seconds(chance: 0.3)))
    var rests: [Double] = []
    for _ in 0..<100 {
      pace.failed(isRefused: false)
      rests.append(pace.seconds(chance: 0.5))
    }
    #expect(rests.prefix(7) == [1, 2, 4, 8, 16, 32, 60])
    #expect(rests.max() == 60 && pace.seconds(chance: 1) <= 75)
    pace.answered(every: 20)
    #expect(pace.seconds(chance: 0.5) == 20)
  }

  @Test func `a node that is refused asks more and more seldom`() {
    var pace = BeatPace()
    for _ in 0..<40 { pace.failed(isRefused: true) }
    #expect(pace.seconds(chance: 0.5) == 600)
  }

  @Test func `no centre has its nodes ask without a rest, or never`() {
    var pace = BeatPace()
    pace.answered(every: 0)
    #expect(pace.seconds(chance: 0) >= 0.9)
    pace.answered(every: 1e12)
    #expect(pace.seconds(chance: 1) <= 4000)
  }
}
