import Testing

@testable import Streams

@Suite struct WallClockWatchTests {
  @Test func `a clock that is set is noticed, in either direction, and one that is only read is not`() {
    let watch = WallClockWatch(ahead: 1_790_000_000)
    #expect(watch.isSet(ahead: 1_790_007_200) && watch.isSet(ahead: 1_789_999_998.5))
    #expect(!watch.isSet(ahead: 1_790_000_000.9) && !watch.isSet(ahead: 1_789_999_999.2))
    let now = WallClockWatch()
    for _ in 0..<1000 { #expect(!now.isSet()) }
  }
}
