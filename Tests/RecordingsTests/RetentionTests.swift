import Catalog
import TestKit
import Testing

@testable import Recordings

struct RetentionTests {
  private static let day = 86_400_000

  private func kept(
    _ number: Int, stream: String = "dock", kind: Recording.Kind = .continuous, bytes: Int = 10
  ) -> KeptRecording {
    var random = SeededRandom(UInt64(number))
    return KeptRecording(
      id: ULID(milliseconds: number, using: &random), client: "acme",
      recording: Recording(stream: stream, kind: kind, from: number * Self.day, to: (number + 1) * Self.day),
      byteCount: bytes)
  }

  private func plan(
    _ retention: Retention, _ all: [KeptRecording], now: Int = 10, free: Int = 1 << 40, open: Int = 0, wanted: Int = 0
  ) -> (days: [Int], lacking: Int) {
    let plan = retention.plan(all, now: now * Self.day, free: free, open: open, wanted: wanted)
    return (plan.remove.map { $0.recording.from / Self.day }, plan.lacking)
  }

  @Test("What is older than its stream and kind allow goes, and nothing else")
  func age() {
    let all = (0..<10).map { kept($0) } + (0..<10).map { kept($0, kind: .clip) }
    var retention = Retention()
    #expect(plan(retention, all).days == [0, 1])
    retention.limits[Retention.Stream(client: "acme", stream: "dock", kind: .clip)] = Retention.Limit(keep: 5 * 86_400)
    #expect(plan(retention, all).days == [0, 0, 1, 1, 2, 3])
  }

  @Test("Where a stream has too much of a kind the oldest of it goes, to the recording")
  func space() {
    let all = (4..<10).map { kept($0) } + (4..<10).map { kept($0, stream: "yard") }
    var retention = Retention()
    retention.limits[Retention.Stream(client: "acme", stream: "dock", kind: .continuous)] = Retention.Limit(space: 35)
    #expect(plan(retention, all).days == [4, 5, 6])
  }

  @Test("For who else needs the disk the oldest goes, where that suffices, and nothing is refused for it")
  func asked() {
    let all = (4..<10).map { kept($0) }
    var retention = Retention()
    (retention.rules.free, retention.asked) = (100, 125)
    #expect(plan(retention, all, free: 130) == ([], 0))
    #expect(plan(retention, all, free: 110) == ([4, 5], 0))
    // What recordings need themselves counts for both.
    #expect(plan(retention, all, free: 85) == ([4, 5, 6, 7], 0))
    retention.asked = 1000
    #expect(plan(retention, all, free: 110) == ([], 0), "an update that fits nowhere takes nothing away")
    retention.held = [HeldTime(client: "acme", stream: "dock", range: 0...Self.day * 100)]
    retention.asked = 125
    #expect(plan(retention, all, free: 110) == ([], 0))
    (retention.held, retention.freesDisk) = ([], false)
    #expect(plan(retention, all, free: 110) == ([], 0))
  }

  @Test("Where the disk or all recordings are too large the oldest of all goes, and never what is held")
  func disk() {
    let all = (4..<10).map { kept($0) } + (4..<10).map { kept($0, stream: "yard") }
    var retention = Retention()
    retention.rules.free = 100
    #expect(plan(retention, all, free: 100) == ([], 0))
    #expect(plan(retention, all, free: 85) == ([4, 4], 0))
    #expect(plan(retention, all, free: 100, wanted: 11) == ([4, 4], 0))
    retention.held = [HeldTime(client: "acme", stream: "dock", range: 4 * Self.day + 1...6 * Self.day - 1)]
    #expect(plan(retention, all, free: 65) == ([4, 5, 6, 6], 0))
    retention.rules.space = 105
    #expect(plan(retention, all) == ([4, 5], 0))
    #expect(plan(retention, all, open: 10) == ([4, 5, 6], 0))
    let everything = HeldTime(client: "acme", stream: "yard", range: 0...Self.day * 100)
    retention.held.append(everything)
    #expect(plan(retention, all, free: 0) == ([6, 7, 8, 9], 60))
  }

  @Test("Whatever there is, nothing held is removed, nothing more than is needed, and only the oldest")
  func anything() {
    var random = SeededRandom(11)
    for _ in 0..<200 {
      var all: [KeptRecording] = []
      for number in 0..<Int.random(in: 0...40, using: &random) {
        all.append(
          kept(
            number, stream: Bool.random(using: &random) ? "dock" : "yard", bytes: Int.random(in: 1...50, using: &random)
          ))
      }
      var retention = Retention()
      retention.rules.keep = [:]
      retention.rules.free = 200
      let start = Int.random(in: 0...40, using: &random)
      retention.held = [HeldTime(client: "acme", stream: "dock", range: start * Self.day...(start + 5) * Self.day)]
      let free = Int.random(in: 0...400, using: &random)
      let found = retention.plan(all, now: 50 * Self.day, free: free, open: 0, wanted: 0)
      let bytes = found.remove.reduce(0) { $0 + $1.byteCount }
      let isHeld = { (one: KeptRecording) in
        one.recording.stream == "dock" && one.recording.to > start * Self.day
          && one.recording.from < (start + 5) * Self.day
      }
      #expect(!found.remove.contains(where: isHeld))
      #expect(found.lacking == max(0, 200 - free - bytes))
      if let last = found.remove.last { #expect(free + bytes - last.byteCount < 200) }
      let loose = all.filter { !isHeld($0) }
      #expect(found.remove == Array(loose.prefix(found.remove.count)))
    }
  }
}
