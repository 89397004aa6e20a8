import TestKit
import Testing

@testable import Ingest

struct ClockTests {
  private static let frame = 3600
  private static let step: UInt64 = 40_000_000

  @Test("What was held up on its way is older than its arrival, and the time between pictures is the source's own")
  func jitter() {
    var clock = CaptureClock(clockRate: 90_000)
    let delays: [UInt64] = [0, 5_000_000, 30_000_000, 0, 200_000_000, 1_000_000]
    for (number, delay) in delays.enumerated() {
      let sent = 1_000_000_000 + UInt64(number) * Self.step
      let moment = clock.place(number * Self.frame, arrival: sent + delay)
      #expect(moment.captured == sent && abs(moment.time - Double(number) * 0.04) < 1e-9)
    }
    #expect(clock.jumps == 0)
  }

  @Test("Pictures that come in a burst after a long stop are old, and those after them are not")
  func burst() {
    var clock = CaptureClock(clockRate: 90_000)
    for number in 0..<100 { _ = clock.place(number * Self.frame, arrival: UInt64(number) * Self.step) }
    // The connection stood still for 20 s, and everything comes at once, a millisecond apart.
    for number in 100..<600 {
      let arrival = 600 * Self.step + UInt64(number - 100) * 1_000_000
      let moment = clock.place(number * Self.frame, arrival: arrival)
      #expect(moment.captured == UInt64(number) * Self.step, "picture \(number)")
    }
    let later = clock.place(620 * Self.frame, arrival: 620 * Self.step)
    #expect(later.captured == 620 * Self.step && clock.jumps == 0)
  }

  @Test(
    "Times that jump ahead or back by hours are counted on from where they were",
    arguments: [90_000 * 7200, -90_000 * 7200])
  func jump(ticks: Int) {
    var clock = CaptureClock(clockRate: 90_000)
    var (last, fresh) = (0.0, 0)
    for number in 0..<200 {
      let arrival = 10_000_000_000_000 + UInt64(number) * Self.step
      let moment = clock.place(number * Self.frame + (number < 100 ? 0 : ticks), arrival: arrival)
      if number >= 120 {
        #expect(moment.time > last && moment.time < Double(number + 2) * 0.04, "\(number): \(moment.time)")
        fresh += moment.captured > arrival - 1_000_000 ? 1 : 0
      }
      last = moment.time
    }
    #expect(clock.jumps == 1 && fresh == 80)
  }

  @Test("A clock that runs a thousandth faster or slower is followed", arguments: [1.001, 0.999])
  func drift(pace: Double) {
    var clock = CaptureClock(clockRate: 90_000)
    for number in 0..<25 * 600 {
      let arrival = 5_000_000_000 + UInt64(number) * Self.step
      let moment = clock.place(Int(Double(number * Self.frame) * pace), arrival: arrival)
      #expect(arrival - moment.captured < 60_000_000)
    }
    #expect(clock.jumps == 0)
  }

  @Test("A sender's report tells its clocks; what is none, or is cut short, tells nothing")
  func report() throws {
    let ntp = BigEndian.bytes(2_208_988_800 + 100) + BigEndian.bytes(0x8000_0000)
    let bytes: [UInt8] = [0x80, 200, 0, 6, 0, 0, 0, 7] + ntp + BigEndian.bytes(9000) + [0, 0, 0, 1, 0, 0, 0, 2]
    let report = try #require(SenderReport(of: bytes))
    #expect(report.sender == 7 && report.date == 100.5 && report.timestamp == 9000)
    let compound = [0x80, 201, 0, 1, 0, 0, 0, 7] + bytes
    #expect(SenderReport(of: compound) == report)
    for count in 0..<bytes.count { #expect(SenderReport(of: Array(bytes[..<count])) == nil) }
  }
}

/// Clocks that tell another pace than pictures come at.
struct SlowClockTests {
  private static let step: UInt64 = 40_000_000

  /// How many of the pictures from the fourth second on are older than they seem to be by more than some milliseconds, or come out older than that.
  private func old(_ count: Int, over: UInt64 = 60_000_000, _ ticks: (Int) -> Int, delay: (Int) -> UInt64 = { _ in 0 })
    -> Int
  {
    var (clock, old) = (CaptureClock(clockRate: 90_000), 0)
    for number in 0..<count {
      let arrival = 5_000_000_000 + UInt64(number) * Self.step + delay(number)
      let moment = clock.place(ticks(number), arrival: arrival)
      if number >= 100, arrival - moment.captured > over { old += 1 }
    }
    return old
  }

  @Test(
    "A camera whose times say more pictures a second than it sends is as fresh as any",
    arguments: [0.995, 0.98, 0.8, 0.4, 0.1, 0])
  func pace(share: Double) {
    #expect(old(1500) { Int(Double($0 * 3600) * share) } == 0)
  }

  @Test("The same where its pictures come up to 10 ms late", arguments: [0.98, 0.8, 0.4])
  func jitter(share: Double) {
    var dice = SeededRandom(3)
    let late = (0..<1500).map { _ in UInt64.random(in: 0...10_000_000, using: &dice) }
    #expect(old(1500, { Int(Double($0 * 3600) * share) }, delay: { late[$0] }) == 0)
  }

  @Test("A clock that is set back by less than three seconds costs two seconds of answers")
  func back() { #expect(old(1500) { $0 * 3600 - ($0 < 200 ? 0 : 225_000) } <= 60) }

  @Test("What a line held up is as old as it is, however it comes after that")
  func heldUp() {
    var clock = CaptureClock(clockRate: 90_000)
    for number in 0..<200 { _ = clock.place(number * 3600, arrival: UInt64(number) * Self.step) }
    // Two seconds of silence, then three pictures in the time of two.
    for number in 200..<350 {
      let arrival = 250 * Self.step + UInt64(number - 200) * Self.step * 2 / 3
      let moment = clock.place(number * 3600, arrival: arrival)
      #expect(moment.captured <= UInt64(number) * Self.step + 1_000_000, "picture \(number)")
    }
  }
}
