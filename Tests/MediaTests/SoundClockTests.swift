import Testing

@testable import Media

/// Where decoded sound is put, in packets of 1,024 samples at 48 kHz.
struct SoundClockTests {
  private let length = 1024.0 / 48_000

  private func clock(tick: Double = 1 / 90_000) -> SoundClock {
    var clock = SoundClock(tick: tick, origin: 0)
    #expect(clock.place(0, count: 1024, rate: 48_000) == .begin(at: 0))
    return clock
  }

  @Test func `packets that follow each other are one piece`() {
    var clock = clock()
    for index in 1..<10_000 {
      #expect(clock.place(Double(index) * length, count: 1024, rate: 48_000) == .follow(skipping: 0))
    }
    #expect(clock.corrections == 0)
  }

  @Test func `times in whole milliseconds are no reason to cut`() {
    for rounding in [FloatingPointRoundingRule.down, .toNearestOrEven, .up] {
      var clock = SoundClock(tick: 0.001, origin: 0)
      for index in 0..<10_000 {
        let step = clock.place((Double(index) * length * 1000).rounded(rounding) / 1000, count: 1024, rate: 48_000)
        #expect(index == 0 || step == .follow(skipping: 0))
      }
      #expect(clock.corrections == 0)
    }
  }

  @Test func `without times samples are counted`() {
    var clock = SoundClock(tick: 0.001, origin: 0)
    #expect(clock.place(nil, count: 1024, rate: 48_000) == .begin(at: 0))
    for _ in 0..<46 { #expect(clock.place(nil, count: 1024, rate: 48_000) == .follow(skipping: 0)) }
    #expect(abs(clock.expected - 47 * length) < 1e-9)
  }

  @Test func `a packet that is missing leaves a hole, at once`() {
    var clock = clock()
    guard case .begin(let time) = clock.place(2 * length, count: 1024, rate: 48_000) else {
      Issue.record("no hole")
      return
    }
    #expect(abs(time - 2 * length) < 1e-9)
  }

  @Test func `a short packet that was lost leaves its hole too, where it is known`() {
    var clock = SoundClock(tick: 1 / 48_000, origin: 0)
    _ = clock.place(0, count: 240, rate: 48_000)
    #expect(clock.place(0.010, count: 240, rate: 48_000) == .follow(skipping: 0))
    clock.lose()
    guard case .begin(let time) = clock.place(0.020, count: 240, rate: 48_000) else {
      Issue.record("no hole")
      return
    }
    #expect(abs(time - 0.020) < 1e-9)
  }

  @Test func `what was there already is dropped`() {
    var clock = clock()
    #expect(clock.place(length - 0.020, count: 1024, rate: 48_000) == .follow(skipping: 960))
    #expect(clock.place(length + 64.0 / 48_000 - 0.4, count: 1024, rate: 48_000) == .drop)
    // Behind it even a little counts.
    #expect(clock.place(length + 64.0 / 48_000 - 0.010, count: 1024, rate: 48_000) == .follow(skipping: 480))
    #expect(clock.place(length + 64.0 / 48_000 + 544.0 / 48_000, count: 1024, rate: 48_000) == .follow(skipping: 0))
  }

  @Test func `a recorder's clock that runs away is followed within two milliseconds`() {
    for parts in [100e-6, -100e-6, 500e-6, -500e-6] {
      var clock = clock()
      var worst = 0.0
      for index in 1..<30_000 {
        let time = Double(index) * length * (1 + parts)
        let before = clock.expected
        switch clock.place(time, count: 1024, rate: 48_000) {
        case .begin(let start): worst = max(worst, abs(start - time))
        case .follow(let skipped):
          worst = max(worst, abs(before - Double(skipped) / 48_000 - time) - Double(skipped) / 48_000)
        case .drop: Issue.record("dropped")
        }
      }
      #expect(worst < 0.002, "\(worst)")
      let expected = 30_000 * length * abs(parts) / 0.001
      #expect(clock.corrections > 0 && Double(clock.corrections) <= expected + 1, "\(clock.corrections) of \(expected)")
    }
  }

  @Test func `behind times that jump back sound goes on where it was`() {
    var clock = clock()
    for index in 1..<100 { _ = clock.place(Double(index) * length, count: 1024, rate: 48_000) }
    #expect(clock.place(0, count: 1024, rate: 48_000) == .follow(skipping: 0))
    #expect(clock.place(length, count: 1024, rate: 48_000) == .follow(skipping: 0))
    #expect(clock.jumps == 1)
  }

  @Test func `another rate begins anew where the one before ended`() {
    var clock = clock()
    guard case .begin(let time) = clock.place(nil, count: 1024, rate: 44_100) else {
      Issue.record("no beginning")
      return
    }
    #expect(abs(time - length) < 1e-9)
  }
}
