import Base
import Catalog
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Edge

struct PastRecordingTests {
  @Test(
    "What was recorded while the clock was wrong is found, and stands, at its right time once the clock is right, and the other way round"
  )
  func setMeanwhile() throws {
    let fixture = try LedgerFixture()
    fixture.rules.forwardsClips = false
    let hour = 3_600_000
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    // Both lie in the same minute by the right clock; by the wall's they are two hours apart.
    fixture.ahead.update { $0 = 2 * hour }
    let wrong = try fixture.clip(of: try fixture.begin("late"), bytes: [1, 2, 3])
    try fixture.read(outbox)
    fixture.ahead.update { $0 = 0 }
    let right = try fixture.clip(of: try fixture.begin("late"), bytes: [4, 5, 6])
    try fixture.read(outbox)
    let (now, dock) = (Int(Clock.seconds * 1000), try LedgerFixture.dock())
    for ahead in [0, 2 * hour, -hour] {
      fixture.ahead.update { $0 = ahead }
      let order = try desk.fetch("late", of: dock, from: now - 60_000, to: now + 60_000)
      #expect(Set(try outbox.recorded(order).map(\.asset.id)) == [wrong.id, right.id], "\(ahead)")
      let other = try desk.fetch("late", of: dock, from: now + hour, to: now + 3 * hour)
      #expect(try outbox.recorded(other).isEmpty, "\(ahead)")
    }
    let order = try desk.fetch("late", of: dock, from: now - 60_000, to: now + 60_000)
    #expect(try outbox.put(order).count == 2)
    try ForwardTests().settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 700) { _ in })
    for clip in [wrong, right] {
      let asset = try fixture.centre.asset(clip.id.text, scope: .all).asset
      #expect(abs((asset.recording?.from ?? 0) - now) < 10_000, "by the centre's clock")
    }
    #expect(try fixture.node.table.get(LibraryKeys.outboxMoment(wrong.id.text)) != nil)
    #expect(try fixture.node.table.get(LibraryKeys.outboxMoment(right.id.text)) == nil, "a right clock needs no words")
    try fixture.node.delete(wrong.id.text, scope: .all)
    try fixture.read(outbox)
    #expect(try fixture.node.table.get(LibraryKeys.outboxMoment(wrong.id.text)) == nil)
  }
}
