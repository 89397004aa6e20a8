import Base
import Catalog
import Fleet
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Edge

/// Two that have one node's key: the node, and what was made of a copy of its folder.
struct CopiedNodeTests {
  private let fixture: LedgerFixture
  private let dock: FleetNode

  init() throws { (fixture, dock) = (try LedgerFixture(), try LedgerFixture.dock()) }

  /// What a beat of the node says is taken in.
  private func beat(_ outbox: Outbox, _ desk: LedgerDesk) throws {
    let ends = try #require(try outbox.report())
    try desk.heard(ends.life, of: dock, open: try outbox.openEvents())
  }

  private func isCopied() throws -> Bool { try FleetBook(fixture.centre).isCopied(dock.name) }

  private func verdict(_ outbox: Outbox, _ desk: LedgerDesk) throws -> LedgerComparison.Verdict {
    LedgerComparison(
      try outbox.report(), try desk.lines(of: outbox), isCopied: try isCopied()
    ).verdict
  }

  @Test("A node whose copy ran and ended is whole again: its ledger agrees, though the copy began anew last")
  func wholeAgain() throws {
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    _ = try fixture.begin()
    try ForwardTests().settle(fixture, forwarder)
    try beat(outbox, desk)
    // Both begin anew, the copy last; then the node speaks on.
    try outbox.restart("a copy sent other entries", from: try #require(try outbox.position()))
    try ForwardTests().settle(fixture, forwarder)
    try beat(outbox, desk)
    try desk.heard("c0b1", of: dock, open: [])
    #expect(try !isCopied(), "it may be the node itself that began anew")
    try beat(outbox, desk)
    #expect(try isCopied() && verdict(outbox, desk) == .fork)
    for _ in 0..<3 {
      try desk.heard("c0b1", of: dock, open: [])
      try beat(outbox, desk)
    }
    #expect(fixture.complaints.update { $0.count { $0.message.contains("has a copy of it") } } == 1, "told once")
    fixture.later.update { $0 = FleetBook.copyMemory + 1000 }
    try beat(outbox, desk)
    #expect(try !isCopied() && verdict(outbox, desk) == .agree)
  }

  @Test("What a copy of a node ended goes on with the node's next word, and what it left open is over once it is quiet")
  func leftOpen() throws {
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    let event = try fixture.begin()
    try ForwardTests().settle(fixture, forwarder)
    try beat(outbox, desk)
    var (ended, strange) = (event, event)
    ended.leave(at: event.updated + 1)
    var random = SystemRandomNumberGenerator()
    strange = StreamEvent(
      id: ULID(milliseconds: event.from, using: &random), client: "local", stream: "dock", rule: "there",
      from: event.from, pipeline: "sha256:0")
    let line = LedgerLine(.event, "dock")
    let moment = NodeMoment(wall: event.from, monotonic: 5, boot: "copy")
    let first = LedgerEntry(1, .event, at: moment, of: line, in: "c0b1", body: ended.json, after: LedgerEntry.none)
    let second = LedgerEntry(2, .event, at: moment, of: line, in: "c0b1", body: strange.json, after: first.hash)
    let sent = [first, second].map { LedgerBatch.Sent(line: line, entry: $0) }
    _ = try desk.take(LedgerBatch(life: "c0b1", entries: sent).bytes, from: LedgerFixture.sender)
    try desk.heard("c0b1", of: dock, open: [event.id.text, strange.id.text])
    #expect(try fixture.arrived()[event.id]?.state == .over)
    // An older word, as of a node that was restored, opens nothing.
    _ = try desk.take(
      LedgerBatch(life: "01d", entries: [word(event, in: "01d")]).bytes, from: LedgerFixture.sender)
    #expect(try fixture.arrived()[event.id]?.state == .over)
    var next = event
    next.updated = event.updated + 5000
    _ = try desk.take(
      LedgerBatch(life: "02d", entries: [word(next, in: "02d")]).bytes, from: LedgerFixture.sender)
    #expect(try fixture.arrived()[event.id]?.state == .open)
    fixture.later.update { $0 = 10_000 }
    try beat(outbox, desk)
    #expect(try fixture.arrived()[strange.id]?.state == .open, "the copy may go on")
    fixture.later.update { $0 += FleetBook.copyMemory + 1000 }
    try beat(outbox, desk)
    let arrived = try fixture.arrived()
    #expect(arrived[strange.id]?.state == .over && arrived[strange.id]?.to == strange.to)
    #expect(arrived[event.id]?.state == .open, "the node has it open")
  }

  private func word(_ event: StreamEvent, in life: String) -> LedgerBatch.Sent {
    let line = LedgerLine(.event, "dock")
    let moment = NodeMoment(wall: event.updated, monotonic: 5, boot: "boot")
    return LedgerBatch.Sent(
      line: line,
      entry: LedgerEntry(1, .event, at: moment, of: line, in: life, body: event.json, after: LedgerEntry.none))
  }
}
