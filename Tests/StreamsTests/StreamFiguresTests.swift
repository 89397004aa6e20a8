import Testing

@testable import Streams

@Suite struct StreamFiguresTests {
  @Test func `pictures came lately where one came within the time, but for a film at its end`() {
    let second: UInt64 = 1_000_000_000
    var figures = StreamFigures()
    figures.received = 5
    figures.enter(.connecting, "5 pictures came and none could be decoded", now: 100)
    #expect(!figures.hasPictures(within: 60, now: 100 * second))
    figures.enter(.live, nil, now: 110)
    figures.latest = 110 * second
    #expect(figures.hasPictures(within: 60, now: 169 * second), "as of a camera that gives one in a minute")
    #expect(!figures.hasPictures(within: 60, now: 170 * second), "though nobody calls it stalled")
    figures.enter(.waiting, "it hung up", now: 130)
    #expect(figures.hasPictures(within: 60, now: 169 * second) && !figures.hasPictures(within: 60, now: 170 * second))
    figures.enter(.ended, nil, now: 140)
    #expect(!figures.hasPictures(within: 60, now: 141 * second))
  }
}
