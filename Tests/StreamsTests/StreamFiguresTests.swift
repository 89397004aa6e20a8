import Testing

@testable import Streams

@Suite struct StreamFiguresTests {
  @Test func `pictures came lately of a stream that is live, or was within the time, and of no film at its end`() {
    var figures = StreamFigures()
    figures.enter(.waiting, "nobody answers", now: 100)
    #expect(!figures.hasPictures(within: 60, now: 101))
    figures.received = 5
    figures.enter(.live, nil, now: 110)
    #expect(figures.hasPictures(within: 60, now: 9000))
    figures.enter(.stalled, "no picture came for some seconds", now: 200)
    figures.enter(.waiting, "it hung up", now: 230)
    #expect(figures.hasPictures(within: 60, now: 259) && !figures.hasPictures(within: 60, now: 260))
    figures.enter(.live, nil, now: 300)
    figures.enter(.ended, nil, now: 310)
    #expect(!figures.hasPictures(within: 60, now: 311))
  }
}
