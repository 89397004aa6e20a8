import Base
import Catalog
import Fleet
import Foundation
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit

@testable import Edge

/// A node and a centre, each with a library of its own, and a link between them that does what the test wants.
final class LedgerFixture {
  let (nodeGround, centreGround): (Ground, Ground)
  var (node, centre): (Library, Library)
  var rules = EdgeRules()
  /// The node's wall clock is so many milliseconds ahead of the centre's.
  let ahead = Monitor(0)
  /// So many milliseconds have passed at the centre beside those of the test.
  let later = Monitor(0)
  let complaints = Monitor<[Fault]>([])
  static let sender = LedgerDesk.Sender(node: "dock", client: "acme")

  /// The node as its centre knows it, enrolled at a moment in milliseconds since 1970.
  static func dock(enrolled: Int = 0) throws -> FleetNode {
    FleetNode(
      name: try NodeName("dock"), client: "acme", groups: [], tags: [], fingerprint: String(repeating: "a", count: 64),
      enrolled: enrolled)
  }

  init() throws {
    (nodeGround, centreGround) = (try Ground(.embedded), try Ground(.embedded))
    let ahead = ahead
    node = try nodeGround.library(clock: { Int(Clock.seconds * 1000) + ahead.update { $0 } })
    centre = try centreGround.library(clock: { [later] in Int(Clock.seconds * 1000) + later.update { $0 } })
    try node.admit("local")
    try centre.admit("acme")
  }

  /// The node's process begins anew, over a table that may break.
  func outbox(over table: (any Table)? = nil) throws -> Outbox {
    let ahead = ahead
    if table != nil {
      node = try nodeGround.library(over: table, clock: { Int(Clock.seconds * 1000) + ahead.update { $0 } })
    }
    let clock = NodeClock(boot: "boot") {
      NodeMoment(
        wall: Int(Clock.seconds * 1000) + ahead.update { $0 }, monotonic: Int(Clock.now / 1_000_000), boot: "boot")
    }
    let (monotonic, wall) = (Int(Clock.now / 1_000_000), Int(Clock.seconds * 1000))
    clock.take(ClockOffset.Sample(sent: monotonic, had: wall, answered: wall, got: monotonic))
    let complaints = complaints
    return Outbox(node, rules, clock: clock) { fault in complaints.update { $0.append(fault) } }
  }

  /// The centre's process begins anew, over a table that may break.
  func desk(over table: (any Table)? = nil) throws -> LedgerDesk {
    if table != nil { centre = try centreGround.library(over: table) }
    let complaints = complaints
    return try LedgerDesk(centre, examiner: AnyExaminer()) { fault in complaints.update { $0.append(fault) } }
  }

  func begin(_ stream: String = "dock", picture: [UInt8]? = nil) throws -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    let now = node.now
    var event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: "local", stream: stream, rule: "there", from: now,
      pipeline: "sha256:0")
    (event.label, event.updated) = ("person", now)
    try node.keep(event, picture: picture)
    return event
  }

  func end(_ event: StreamEvent) throws {
    var event = event
    event.end(at: node.now)
    try node.keep(event, picture: nil)
  }

  /// A clip of an event, as recordings make one.
  func clip(of event: StreamEvent, bytes: [UInt8]) throws -> Asset {
    let path = nodeGround.folder.file("clip-\(event.id)")
    try FileSystem.write(bytes, to: path)
    var draft = AssetDraft(group: AssetGroup(client: "local"), name: "\(event.stream) \(event.id).mp4")
    draft.recording = Recording(
      stream: event.stream, kind: .clip, from: event.from, to: event.from + 1000, event: event.id)
    draft.tags = [event.stream, "clip"]
    return try node.add(recorded: path, draft, examiner: AnyExaminer()).asset
  }

  /// Events at the centre, by their ids.
  func arrived() throws -> [ULID: StreamEvent] {
    var (found, token) = ([ULID: StreamEvent](), PageToken?.none)
    repeat {
      let page = try centre.events(EventFilter(client: "acme"), scope: .all, limit: 1000, after: token)
      for event in page.elements {
        guard found.updateValue(event, forKey: event.id) == nil else { throw Fault(.bug, "\(event.id) is there twice") }
      }
      token = page.next
    } while token != nil
    return found
  }
}

extension LedgerDesk {
  /// What is here of an outbox's chain.
  func lines(of outbox: Outbox) throws -> [LedgerLine: LinePosition] {
    guard let position = try outbox.position() else { return [:] }
    return try lines(of: "dock", life: position.life) ?? [:]
  }
}

/// A link that loses, repeats and delays messages, by a seed.
final class WildLink: LedgerLink {
  struct State {
    var random: Seeded
    /// Messages that went astray, and come later.
    var late: [[UInt8]] = []
  }

  let desk: LedgerDesk
  private let state: Monitor<State>
  /// Of a hundred messages.
  private let trouble: Int

  private let isAway: Bool

  init(_ desk: LedgerDesk, seed: UInt64, trouble: Int, isAway: Bool = false) {
    (self.desk, self.trouble, self.isAway) = (desk, trouble, isAway)
    state = Monitor(State(random: Seeded(seed)))
  }

  static let cut = Fault(.unavailable, "the link is gone")

  func send(_ batch: [UInt8]) throws(Fault) -> [UInt8] {
    guard !isAway else { throw Self.cut }
    let (dice, late) = state.update { state in
      let dice = Int(state.random.next() % 100)
      let place = Int(state.random.next() % 7)
      return (dice, place < state.late.count ? state.late.remove(at: place) : nil)
    }
    // Whatever is answered to a late message, nobody hears it.
    if let late { _ = try? desk.take(late, from: LedgerFixture.sender) }
    guard dice < trouble else { return try desk.take(batch, from: LedgerFixture.sender).json }
    switch dice % 4 {
    case 0: throw Self.cut
    case 1:
      // It came, and the answer is lost.
      _ = try desk.take(batch, from: LedgerFixture.sender)
      throw Self.cut
    case 2:
      state.update { $0.late.append(batch) }
      throw Self.cut
    default:
      // Cut in the middle: nothing of it may count.
      let part = Array(batch.prefix(batch.count / 2))
      do throws(Fault) { _ = try desk.take(part, from: LedgerFixture.sender) } catch {}
      throw Self.cut
    }
  }

  func put(_ bytes: [UInt8], of digest: String, at offset: Int, total: Int) throws(Fault) -> BlobInbox.State {
    let dice = state.update { Int($0.random.next() % 100) }
    if dice < trouble, dice % 2 == 0 { throw Self.cut }
    let half = dice < trouble ? Array(bytes.prefix(bytes.count / 2)) : bytes
    let found = try desk.blobs.take(half, of: digest, at: offset, total: total, from: LedgerFixture.sender)
    guard dice < trouble else { return found }
    throw Self.cut
  }

  func put(_ pack: BlobPack) throws(Fault) -> [BlobInbox.State]? {
    let dice = state.update { Int($0.random.next() % 100) }
    if dice < trouble, dice % 2 == 0 { throw Self.cut }
    guard dice < trouble else {
      let states = try desk.blobs.take(try BlobPack(pack.bytes), from: LedgerFixture.sender)
      return try BlobPackAnswer(BlobPackAnswer(states).json, of: pack.blobs.count).states
    }
    // Only some of it came.
    let some = BlobPack(Array(pack.blobs.prefix((pack.blobs.count + 1) / 2)))
    _ = try desk.blobs.take(some, from: LedgerFixture.sender)
    throw Self.cut
  }
}

/// SplitMix64 (Steele, Lea, Flood).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
