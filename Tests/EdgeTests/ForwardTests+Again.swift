import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Edge

extension ForwardTests {
  @Test("A picture that is too large to be held in memory is passed over, and its event comes")
  func hugePicture() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let event = try fixture.begin(picture: [UInt8](repeating: 1, count: 1 + (32 << 20)))
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 8 << 20) { _ in })
    let arrived = try #require(try fixture.arrived()[event.id])
    #expect(try arrived.snapshot == nil && desk.lines(of: outbox)[LedgerLine(.picture, "dock")]?.unread == 1)
    try agree(fixture, outbox, desk)
  }

  @Test("What waits as a chain begins anew comes, also where the library has forgotten it")
  func begunAnew() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let event = try fixture.begin()
    try fixture.end(event)
    try fixture.read(outbox)
    #expect(try fixture.node.removeEvents(before: fixture.node.now + 1000) == 1)
    try outbox.restart("the test wants it", from: try #require(try outbox.position()))
    let kept = try fixture.begin()
    while try !outbox.clear() {}
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(Set(try fixture.arrived().keys) == [event.id, kept.id])
    try agree(fixture, outbox, desk)
  }

  @Test("A centre that was restored from a backup gets all that it lost", arguments: [true, false])
  func restored(isQuiet: Bool) throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    var ids: Set<ULID> = []
    for _ in 0..<5 { ids.insert(try fixture.begin(picture: [4]).id) }
    try settle(fixture, forwarder)
    // The centre is another one, which has nothing.
    let other = try Ground(.embedded)
    let empty = try other.library()
    try empty.admit("acme")
    let back = try LedgerDesk(empty, examiner: AnyExaminer()) { _ in }
    // A node to which nothing happens hears of it with its beat.
    let ends = try #require(try outbox.report())
    let dock = try LedgerFixture.dock()
    #expect(try desk.orders(for: dock, known: [], ends: ends).lost == nil)
    let orders = try back.orders(for: dock, known: [], ends: ends)
    #expect(orders.lost == ends.life)
    try outbox.restart(lost: "another")
    #expect(try outbox.report() == ends)
    if isQuiet { try outbox.restart(lost: ends.life) } else { ids.insert(try fixture.begin().id) }
    try settle(fixture, Forwarder(outbox, WildLink(back, seed: 1, trouble: 0), chunk: 1000) { _ in })
    let page = try empty.events(EventFilter(client: "acme"), scope: .all, limit: 100, after: nil)
    #expect(Set(page.elements.map(\.id)) == ids)
    #expect(fixture.complaints.update { $0.contains { $0.message.contains("lost") } })
    while try !outbox.clear() {}
    try agree(fixture, outbox, back)
  }

  @Test("A copy of a node that goes on by itself is a fork, told, and takes nothing from what is here")
  func copied() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    let first = try fixture.begin()
    try settle(fixture, forwarder)
    let position = try #require(try outbox.position())
    let entry = LedgerEntry(
      1, .event, at: NodeMoment(wall: 0, monotonic: 0, boot: "x"), of: LedgerLine(.event, "dock"), in: position.life,
      body: Array("{}".utf8), after: LedgerEntry.none)
    let batch = LedgerBatch(
      life: position.life, entries: [LedgerBatch.Sent(line: LedgerLine(.event, "dock"), entry: entry)])
    let answer = try desk.take(batch.bytes, from: LedgerFixture.sender)
    #expect(answer.lines.first?.isFork == true && answer.lines.first?.sequence == 1)
    #expect(fixture.complaints.update { $0.contains { $0.message.contains("a copy of it") } })
    #expect(try fixture.arrived()[first.id] != nil)
  }

  @Test("By a digest alone a node gets nothing that is somebody else's")
  func digestAlone() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let secret = try fixture.centre.put([5, 5, 5])
    let event = try fixture.begin(picture: [5, 5, 5])
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    #expect(try forwarder.step())
    let batch = try #require(try outbox.next([.picture]))
    let answer = try desk.take(batch.bytes, from: LedgerFixture.sender)
    #expect(answer.lines.first?.lacks == secret.name.digest, "though the centre has these bytes")
    #expect(try fixture.arrived()[event.id]?.snapshot == nil)
    try settle(fixture, forwarder)
    #expect(try fixture.arrived()[event.id]?.snapshot == secret.name.digest)
    #expect(!desk.blobs.hasSent(secret.name, "dock"))
  }

  @Test("A purge takes a client's contents out of what waits, and the chain holds without them")
  func purged() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let event = try fixture.begin(picture: [8])
    for _ in 0..<2 { _ = try fixture.begin(picture: [8]) }
    try fixture.read(outbox)
    let report = try fixture.node.purge("local")
    #expect(report.left.isEmpty && report.events == 3, "\(report)")
    #expect(try fixture.nodeGround.places(with: "\"of\":\"local\"") == [])
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    let lines = try desk.lines(of: outbox)
    #expect(lines[LedgerLine(.event, "dock")]?.gone == 3 && lines[LedgerLine(.picture, "dock")]?.gone == 3)
    #expect(try fixture.arrived().isEmpty && outbox.waitingByteCount() == 0)
    try agree(fixture, outbox, desk)
    // As where a change is read only behind the purge.
    let life = try #require(try outbox.position()).life
    #expect(try outbox.writes(of: [OutboxDraft(event)], in: life).isEmpty)
  }
}
