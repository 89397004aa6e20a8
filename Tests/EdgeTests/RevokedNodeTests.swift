import Base
import Catalog
import Fleet
import Items
import Library
import LibraryKit
import Predictions
import Store
import TestKit
import Testing

@testable import Edge

/// What a node leaves at its centre that is revoked.
struct RevokedNodeTests {
  private let fixture: LedgerFixture
  private let book: FleetBook
  private let dock: NodeName

  init() throws {
    fixture = try LedgerFixture()
    (book, dock) = (FleetBook(fixture.centre), try NodeName("dock"))
    let word = try book.makeToken(TokenRequest(name: dock, client: "acme"), pin: [UInt8](repeating: 7, count: 32)).word
    _ = try book.enrol(dock, secret: word.secret, fingerprint: String(repeating: "a", count: 64))
  }

  /// Open at the centre, whoever told of it.
  private func open(_ stream: String, rule: String = "there", kind: StreamEvent.Kind = .event) throws -> ULID {
    var random = SystemRandomNumberGenerator()
    let now = fixture.centre.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: "acme", stream: stream, rule: rule, from: now,
      pipeline: "sha256:0")
    event.kind = kind
    try fixture.centre.keep(event, picture: nil)
    return event.id
  }

  @Test("What a revoked node has open is over at the last time known of it, and nothing that comes late opens it anew")
  func ended() throws {
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    let (first, second) = (try fixture.begin(), try fixture.begin())
    try fixture.end(second)
    try ForwardTests().settle(fixture, forwarder)
    let others = [
      try open("dockyard/gate"), try open("gate"), try open("dock/node", rule: "node-silent", kind: .health),
      try open("dock/dock", kind: .alert),
    ]
    let over = try #require(try fixture.arrived()[second.id])
    _ = try book.revoke(dock)
    let arrived = try fixture.arrived()
    let event = try #require(arrived[first.id])
    #expect(event.state == .over && event.ending == .end && event.to == first.to)
    #expect(arrived[second.id] == over)
    for id in others { #expect(arrived[id]?.state == .open) }
    // A message that was on its way, with a newer word.
    var later = first
    later.updated += 60_000
    let line = LedgerLine(.event, "dock")
    let entry = LedgerEntry(
      1, .event, at: NodeMoment(wall: later.updated, monotonic: 5, boot: "boot"), of: line, in: "1a7e",
      body: later.json, after: LedgerEntry.none)
    let batch = LedgerBatch(life: "1a7e", entries: [LedgerBatch.Sent(line: line, entry: entry)])
    let fault = try #require(throws: Fault.self) { try desk.take(batch.bytes, from: LedgerFixture.sender) }
    #expect(fault.kind == .denied)
    let position = try fixture.centre.lastPosition()
    _ = try book.revoke(dock)
    #expect(try fixture.arrived() == arrived && fixture.centre.table.changes(after: position, limit: 9).changes.isEmpty)
  }

  @Test("What was left open as a revoking was interrupted is ended by the next one")
  func interrupted() throws {
    _ = try book.revoke(dock)
    let id = try open("dock/gate")
    _ = try book.revoke(dock)
    #expect(try fixture.arrived()[id]?.state == .over)
  }
}
