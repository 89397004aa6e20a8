import Base
import Catalog
import Crypto
import Fleet
import Items
import JSON
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Edge

struct LedgerDeskTests {
  @Test("A node has few objects begun at the centre, and what was gone before it was whole leaves nothing there")
  func begun() throws {
    let fixture = try LedgerFixture()
    let desk = try fixture.desk()
    let dock = LedgerFixture.sender
    func digest(_ number: Int) -> String { SHA256.hex(of: Array("\(number)".utf8)) }
    for number in 0..<BlobInbox.mostOpen {
      #expect(try desk.blobs.take([1], of: digest(number), at: 0, total: 2, from: dock) == .part(1))
    }
    guard case .refused = try desk.blobs.take([1], of: digest(-1), at: 0, total: 2, from: dock) else {
      throw Fault(.bug, "one more was begun")
    }
    let yard = LedgerDesk.Sender(node: "yard", client: "acme")
    #expect(try desk.blobs.take([1], of: digest(-1), at: 0, total: 2, from: yard) == .part(1), "others have their own")
    let line = LedgerLine(.picture, "dock")
    var random = Seeded(1)
    let note = PictureNote(event: ULID(milliseconds: 5, using: &random), from: 5, client: "local", object: digest(0))
    let entry = LedgerEntry(
      1, .picture, at: NodeMoment(wall: 5, monotonic: 5, boot: "b"), of: line, in: "aa", body: note.json,
      after: LedgerEntry.none)
    let batch = LedgerBatch(life: "aa", entries: [LedgerBatch.Sent(line: line, entry: entry, gone: "removed")])
    _ = try desk.take(batch.bytes, from: LedgerFixture.sender)
    #expect(try desk.blobs.take([], of: digest(0), at: 0, total: 2, from: dock) == .part(0), "its byte went with it")
  }

  @Test("A node writes to streams of its own alone", arguments: ["yard/dock", "", "a b", ".other"])
  func strangeLines(stream: String) throws {
    let fixture = try LedgerFixture()
    let line = LedgerLine(.event, stream)
    let entry = LedgerEntry(
      1, .event, at: NodeMoment(wall: 5, monotonic: 5, boot: "b"), of: line, in: "aa", body: Array("{}".utf8),
      after: LedgerEntry.none)
    let batch = LedgerBatch(life: "aa", entries: [LedgerBatch.Sent(line: line, entry: entry)])
    #expect(throws: Fault.self) { try fixture.desk().take(batch.bytes, from: LedgerFixture.sender) }
    let other = LedgerBatch(life: "FETCH", entries: [])
    #expect(throws: Fault.self) { try fixture.desk().take(other.bytes, from: LedgerFixture.sender) }
  }

  // jomjol/AI-on-the-edge-device 3345, 3790: entries of 1970 from machines that had no clock yet.
  @Test("What a machine saw that thought it was 1970, and never heard its centre then, stands where it came")
  func noClock() throws {
    let fixture = try LedgerFixture()
    let desk = try fixture.desk()
    try fixture.read(try fixture.outbox())
    let outbox = try fixture.outbox()
    let position = try #require(try outbox.position())
    let now = Int(Clock.seconds * 1000)
    var random = Seeded(1)
    let event = StreamEvent(
      id: ULID(milliseconds: 61_000, using: &random), client: "local", stream: "dock", rule: "there", from: 61_000,
      pipeline: "sha256:0")
    let line = LedgerLine(.event, "dock")
    let entry = LedgerEntry(
      1, .event, at: NodeMoment(wall: 62_000, monotonic: 62_000, boot: "former"), of: line, in: position.life,
      body: event.json, after: LedgerEntry.none)
    let batch = LedgerBatch(life: position.life, entries: [LedgerBatch.Sent(line: line, entry: entry)])
    _ = try desk.take(batch.bytes, from: LedgerFixture.sender)
    let found = try #require(try fixture.arrived()[event.id])
    #expect(abs(found.from - now) < 10_000)
  }

  @Test(
    "What was asked of a node ends with its enrolment: one that was revoked is asked nothing, and the next of its name hears nothing of it"
  )
  func revoked() throws {
    let fixture = try LedgerFixture()
    let desk = try fixture.desk()
    let now = fixture.centre.now
    var dock = try LedgerFixture.dock(enrolled: now - 1000)
    let order = try desk.fetch("gate", of: dock, from: now - 60_000, to: now)
    #expect(try desk.fetches(of: dock) == [order] && desk.orders(for: dock, known: []).orders == [order])
    (dock.state, dock.revoked) = (.revoked, now)
    #expect(try desk.fetches(of: dock).isEmpty)
    let refusal = #expect(throws: Fault.self) { try desk.fetch("gate", of: dock, from: now - 60_000, to: now) }
    #expect(refusal?.kind == .conflict)
    // Another server's clock, which is ahead, wrote when it came in.
    let next = try LedgerFixture.dock(enrolled: now + 60_000)
    #expect(try desk.fetches(of: next).isEmpty)
    let other = try desk.fetch("yard", of: next, from: now - 60_000, to: now)
    #expect(try desk.orders(for: next, known: []).orders == [other])
    #expect(try fixture.centre.table.get(LibraryKeys.ledgerFetch("dock", order.id)) == nil, "nothing is left of it")
  }

  @Test("A list of nodes says of a ledger what the node's part says: what waits, and nothing before it has looked")
  func summed() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    let part = try LedgerPart(outbox) { Issue.record($0) }
    func summary() throws -> NodeSummary.Ledger? {
      try part.work()
      let said = try #require(part.report())
      return NodeSummary(report: JSONWriter.object { $0.field("ledger", embedding: said) }).ledger
    }
    #expect(try summary() == nil)
    try fixture.read(outbox)
    for _ in 0..<3 { try fixture.end(try fixture.begin()) }
    try fixture.read(outbox)
    let ends = try #require(try outbox.report())
    let count = LedgerComparison(ends, try desk.lines(of: outbox)).lines.reduce(0) { $0 + $1.behind }
    let found = try #require(try summary())
    #expect(count >= 3 && found.behind == count && found.waiting > 0 && found.leftOut == 0)
  }
}
