import Base
import Catalog
import Crypto
import Fleet
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Edge

/// What nodes forward, and what their client may store at the centre.
struct ForwardedRoomTests {
  private let fixture: LedgerFixture
  private let desk: LedgerDesk

  init() throws {
    fixture = try LedgerFixture()
    desk = try fixture.desk()
  }

  /// With no memory of what was refused before.
  private func forwarder(_ outbox: Outbox) -> Forwarder {
    Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
  }

  private func stored() throws -> Int { try fixture.centre.storedByteCount(of: "acme") }

  /// Of all that the node sends of an analysis.
  private func byteCount(of analysis: Analysis) throws -> Int {
    try fixture.told(analysis).objects.reduce(0) { try $0 + fixture.node.open($1.digest).byteCount }
  }

  @Test("Where a client may store no more, what is large waits by name, what fits comes, and no event waits behind it")
  func full() throws {
    let outbox = try fixture.outbox()
    try fixture.read(outbox)
    try fixture.centre.limit("acme", to: 3000)
    let first = try fixture.begin(picture: [UInt8](repeating: 1, count: 500))
    let clip = try fixture.clip(of: first, bytes: [UInt8](repeating: 2, count: 50_000))
    let second = try fixture.begin("yard", picture: [UInt8](repeating: 3, count: 5000))
    let film = try fixture.analyse(try fixture.film("a"), ["cup": 0.5])
    let limited = forwarder(outbox)
    try ForwardTests().settle(fixture, limited)
    let arrived = try fixture.arrived()
    #expect(Set(arrived.keys) == [first.id, second.id])
    #expect(arrived[first.id]?.snapshot != nil && arrived[second.id]?.snapshot == nil)
    #expect(try fixture.centre.clip(of: first.id, client: "acme") == nil && stored() <= 3000)
    let refusal = try #require(limited.refusal)
    #expect(refusal.hasPrefix("5000 bytes") && refusal.contains("the client 'acme' may still store"), "\(refusal)")
    let third = try fixture.begin("yard")
    try ForwardTests().settle(fixture, limited)
    #expect(try fixture.arrived()[third.id] != nil)
    // Nothing of it was begun that takes room.
    try fixture.centre.limit("acme", to: nil)
    let free = forwarder(outbox)
    try ForwardTests().settle(fixture, free)
    #expect(try free.refusal == nil && fixture.arrived()[second.id]?.snapshot != nil)
    #expect(try fixture.centre.asset(clip.id.text, scope: .all).asset.byteCount == 50_000)
    #expect(try fixture.centre.asset(film.asset.text, scope: .all).asset.analysisCount == 1)
    try ForwardTests().agree(fixture, outbox, desk)
  }

  @Test("Pictures and analyses count for their client as long as they are there, and a recount finds the same")
  func counted() throws {
    let outbox = try fixture.outbox()
    try fixture.read(outbox)
    let link = forwarder(outbox)
    let event = try fixture.begin(picture: [UInt8](repeating: 1, count: 700))
    try ForwardTests().settle(fixture, link)
    #expect(try stored() == 700)
    try fixture.node.keep(event, picture: [UInt8](repeating: 2, count: 900))
    try ForwardTests().settle(fixture, link)
    #expect(try stored() == 900, "the better one took its place")
    let film = try fixture.film("a", brand: "b")
    let analysis = try fixture.analyse(film, ["cup": 0.7654321])
    try ForwardTests().settle(fixture, link)
    #expect(try stored() == 900 + byteCount(of: analysis))
    // A newer one in its place.
    let newer = try fixture.analyse(film, ["cup": 0.25, "hand": 0.75])
    try ForwardTests().settle(fixture, link)
    let found = try byteCount(of: newer)
    #expect(try stored() == 900 + found && fixture.centre.verify().differenceCount == 0)
    // Those of the centre's own streams count as they did: not at all.
    var random = Seeded(7)
    let own = StreamEvent(
      id: ULID(milliseconds: event.from, using: &random), client: "acme", stream: "own", rule: "there",
      from: event.from, pipeline: "sha256:0")
    try fixture.centre.keep(own, picture: [1, 2, 3])
    #expect(try stored() == 900 + found)
    try fixture.centre.delete(film.id.text, scope: .all)
    #expect(try stored() == 900)
    try fixture.end(event)
    try ForwardTests().settle(fixture, link)
    #expect(try fixture.centre.removeEvents(before: fixture.centre.now + 60_000) == 1)
    #expect(try stored() == 0 && fixture.centre.verify().differenceCount == 0)
  }

  @Test("What nodes have begun to send is set aside for their client, all of it, also over a start of the centre")
  func begun() throws {
    func digest(_ number: Int) -> String { SHA256.hex(of: Array("\(number)".utf8)) }
    let (dock, yard) = (LedgerFixture.sender, LedgerDesk.Sender(node: "yard", client: "acme"))
    _ = try fixture.centre.table.write([.put(LibraryKeys.fleetNode("dock"), try LedgerFixture.dock().json)])
    try fixture.centre.limit("acme", to: 1000)
    #expect(try desk.blobs.take([], of: digest(9), at: 0, total: 800, from: yard) == .part(0))
    #expect(try desk.blobs.take([1, 2, 3], of: digest(0), at: 0, total: 800, from: dock) == .part(3))
    guard case .refused(let reason) = try desk.blobs.take([1], of: digest(1), at: 0, total: 300, from: yard) else {
      throw Fault(.bug, "more was begun than the client may store")
    }
    #expect(reason.contains("'acme'"))
    #expect(throws: Fault.self) { try fixture.centre.promise(300, to: "acme") }
    #expect(try desk.blobs.take([1], of: digest(1), at: 0, total: 200, from: yard) == .part(1))
    #expect(try desk.blobs.take([4], of: digest(0), at: 3, total: 800, from: dock) == .part(4), "it is there for it")
    try fixture.centre.admit("bolt")
    _ = try fixture.centre.promise(5000, to: "bolt")
    // The process begins anew: what lies there counts.
    let again = try LedgerDesk(fixture.centreGround.library(), examiner: AnyExaminer()) { _ in }
    #expect(throws: Fault.self) { try again.library.promise(997, to: "acme") }
    _ = try again.library.promise(996, to: "acme")
    #expect(try again.blobs.take([5], of: digest(0), at: 4, total: 800, from: dock) == .part(5))
    #expect(throws: Fault.self) { try again.library.promise(201, to: "acme") }
  }

  @Test("Bytes that are others than were announced are let go of, with the room for them")
  func wrong() throws {
    try fixture.centre.limit("acme", to: 10)
    for _ in 0..<3 {
      #expect(throws: Fault.self) {
        try desk.blobs.take(
          [1, 2, 3, 4, 5, 6], of: SHA256.hex(of: [9]), at: 0, total: 6, from: LedgerFixture.sender)
      }
    }
    _ = try fixture.centre.promise(10, to: "acme")
  }

  @Test("Pictures that wait leave room in a node's store for what happens")
  func waiting() throws {
    fixture.rules.store = 24_000
    let outbox = try fixture.outbox()
    try fixture.read(outbox)
    var lines: [LedgerLine: LedgerReport.Line] = [:]
    for _ in 0..<60 where (lines[LedgerLine(.picture, "dock")]?.leftOut ?? 0) == 0 {
      _ = try fixture.begin(picture: [UInt8](repeating: 1, count: 10))
      try fixture.read(outbox)
      let report = try #require(try outbox.report())
      lines = Dictionary(report.lines.map { ($0.line, $0) }) { $1 }
    }
    #expect(lines[LedgerLine(.picture, "dock")]?.leftOut == 1)
    #expect(lines[LedgerLine(.event, "dock")]?.leftOut == 0)
  }
}
