import Base
import Catalog
import Crypto
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing
import Updates

@testable import Fleet

@Suite struct UpdateBookTests {
  let ground: Ground
  let time = Monitor(1_774_000_000_000)
  let library: Library
  let fleet: FleetBook
  let book: UpdateBook
  private let pin = [UInt8](repeating: 7, count: 32)

  init() throws {
    ground = try Ground(.embedded)
    let time = time
    library = try ground.library(clock: { time.update { $0 } })
    (fleet, book) = (FleetBook(library), UpdateBook(library))
    _ = try fleet.setDoorPin(pin)
    for (number, name) in ["dock", "gate", "roof"].enumerated() {
      let request = TokenRequest(name: try NodeName(name), client: "acme", groups: number < 2 ? ["west"] : [])
      let word = try fleet.makeToken(request, pin: pin).word
      _ = try fleet.enrol(
        request.name, secret: word.secret, fingerprint: String(repeating: "\(number)", count: 64))
    }
  }

  func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  func key() throws -> Ed25519.PrivateKey {
    let head: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]
    let text = Base64.encode(head + [UInt8](repeating: 9, count: 32))
    return try Ed25519.PrivateKey(
      pem: Array("-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n".utf8), name: "the test's key")
  }

  func begin(
    _ text: String?, for target: UpdateTarget = .fleet, stages: [Double] = [1], program: Bundle.Program? = nil,
    version: Int? = nil, signed: UpdateTarget? = nil, trusting keys: [Ed25519.PublicKey]? = nil
  ) throws -> FleetUpdate {
    let next = try book.next()
    let bundle = Bundle(
      centre: next.centre, version: version ?? next.version, issued: library.now, target: signed ?? target,
      pipelines: text.map { [Bundle.Pipeline("people", $0)] }, program: program)
    return try book.begin(
      try SignedBundle(bundle, with: try key()), for: target,
      try UpdatePlan(stages: stages, every: 1000, rule: nil), trusting: keys ?? [try key().publicKey], by: "ann")
  }

  func node(_ name: String) throws -> FleetNode { try #require(try fleet.node(try NodeName(name))) }

  func say(_ name: String, _ change: (inout NodeUpdateReport) -> Void) throws {
    var report = try book.report(of: node(name)) ?? NodeUpdateReport()
    change(&report)
    try fleet.note(
      JSONWriter.object { $0.field("updates", embedding: report.json) }, of: try NodeName(name))
  }

  func turn() throws {
    time.update { $0 += 2000 }
    try book.turn { Issue.record("\($0)") }
  }

  @Test func `an update goes to one node of its group first, then to the others, and to none outside`() throws {
    let update = try begin("a: 1\n", for: .group("west"), stages: [0.5, 1])
    for name in ["dock", "gate", "roof"] { try say(name) { _ in } }
    try turn()
    let drawn = try book.update(update.version).drawn
    let first = try #require(drawn.first)
    let second = first == "dock" ? "gate" : "dock"
    #expect(drawn.count == 1 && ["dock", "gate"].contains(first))
    func takes(_ name: String) throws -> Int? {
      try book.wanted(for: node(name), try book.report(of: node(name))).take?.version
    }
    #expect(try takes(first) == 1 && takes(second) == nil && takes("roof") == nil)
    try say(first) { ($0.highest, $0.serving, $0.isTrial) = (1, 1, true) }
    try turn()
    #expect(try takes(second) == nil)
    try say(first) { $0.isTrial = false }
    try turn()
    #expect(try takes(second) == 1 && takes("roof") == nil)
    try say(second) { ($0.highest, $0.serving) = (1, 1) }
    try turn()
    #expect(try book.update(1).state == .done)
  }

  @Test func `what no node would take is not begun`() throws {
    #expect(kind { _ = try begin("a: 1\n", version: 2) } == .conflict)
    #expect(kind { _ = try begin("a: 1\n", for: .group("east")) } == .notFound)
    #expect(kind { _ = try begin("a: 1\n", trusting: []) } == .denied)
    #expect(kind { _ = try begin("a: 1\n", for: .node("gate"), signed: .node("dock")) } == .denied)
    let gone = Bundle.Program(
      version: "2", architecture: "x86_64", schema: 8, blob: .init(String(repeating: "0", count: 64), byteCount: 3))
    #expect(kind { _ = try begin("a: 1\n", program: gone) } == .notFound)
    #expect(try book.updates().isEmpty)
  }

  @Test func `a centre that was away, or whose clock was set, does not take its nodes for lost`() throws {
    var listening = ListeningTime(wall: 1_000_000, steady: 500)
    #expect(listening.elapsed(wall: 1_060_000, steady: 60_500) == 60_000)
    #expect(listening.elapsed(wall: 9_000_000, steady: 61_500) == 0)
    #expect(listening.elapsed(wall: 9_001_000, steady: 62_500) == 1000)
    let update = try begin("a: 1\n", for: .node("dock"))
    try say("dock") { ($0.highest, $0.serving, $0.isTrial) = (1, 1, true) }
    time.update { $0 += 3_600_000 }
    try book.turn(listening: 1000) { Issue.record("\($0)") }
    #expect(try book.update(update.version).state == .running)
    try book.turn(listening: 1_800_000) { Issue.record("\($0)") }
    #expect(try book.update(update.version).state == .stopped)
  }

  @Test func `the keys that nodes pin are those that the server said last`() throws {
    #expect(kind { _ = try book.keys() } == .notFound)
    for keys in [[try key().publicKey.bytes], []] {
      try book.setKeys(keys)
      #expect(try book.keys().map(\.bytes) == keys)
    }
  }

  @Test func `a centre whose library is from a copy goes on above what its nodes took, and knows content`()
    throws
  {
    let first = try begin("a: 1\n")
    try say("dock") { ($0.highest, $0.serving, $0.bundle) = (9, 9, String(repeating: "9", count: 64)) }
    try say("gate") { $0.highest = .max }
    #expect(try book.next().version == 10)
    _ = try book.stop(first.version, by: "ann", reason: nil)
    let second = try begin("a: 2\n")
    #expect(second.version == 10)
    try say("dock") { ($0.highest, $0.serving, $0.bundle) = (10, 10, String(repeating: "9", count: 64)) }
    let known = try #require(try book.nodes().first { $0.known.name == "dock" }).known
    #expect(second.standing(of: known) == .past)
    try say("dock") { $0.bundle = second.bundle }
    let right = try #require(try book.nodes().first { $0.known.name == "dock" }).known
    #expect(second.standing(of: right) == .has)
  }

  @Test func `an update that says less than one that is running for the same nodes is not begun`() throws {
    let stored = try library.put([1])
    let program = Bundle.Program(
      version: "1", architecture: "x86_64", schema: 8, blob: .init(stored.name.digest, byteCount: 1))
    let running = try begin("a: 1\n", for: .group("west"), program: program)
    #expect(kind { _ = try begin("a: 2\n") } == .conflict)
    #expect(kind { _ = try begin("a: 2\n", for: .node("dock")) } == .conflict)
    #expect(try begin("a: 2\n", for: .node("roof")).version == 2)
    #expect(kind { _ = try book.undoing(running.version, to: nil) } == .conflict)
    #expect(try begin("a: 3\n", program: program).version == 3)
    #expect(try book.updates().map(\.state) == [.replaced, .replaced, .running])
    withExtendedLifetime(stored) {}
  }

  @Test func `what a newer one takes the place of is done where it had gone through, and blocks nothing`() throws {
    for name in ["dock", "gate", "roof"] { try say(name) { _ in } }
    _ = try begin("a: 1\n")
    for name in ["dock", "gate", "roof"] { try say(name) { ($0.highest, $0.serving) = (1, 1) } }
    _ = try begin("a: 2\n", for: .group("west"))
    _ = try begin("a: 3\n")
    #expect(try book.updates().map(\.state) == [.done, .replaced, .running])
    // Who has it keeps it, and nobody else gets it.
    try say("dock") { ($0.highest, $0.serving) = (2, 2) }
    let wanted = try book.wanted(for: node("dock"), try book.report(of: node("dock")))
    #expect(wanted.leave == nil && wanted.take?.version == 3)
    #expect(try book.update(2).reason?.contains("update 3") ?? false)
  }

  @Test func `a node reads the bytes of its own updates alone`() throws {
    let stored = try library.put([1, 2, 3])
    let program = Bundle.Program(
      version: "2", architecture: "x86_64", schema: 8, blob: .init(stored.name.digest, byteCount: 3))
    _ = try begin("a: 1\n", for: .node("dock"), program: program)
    #expect(try book.mayRead(stored.name.digest, node("dock")))
    #expect(try !book.mayRead(stored.name.digest, node("gate")))
    #expect(try !book.mayRead(String(repeating: "1", count: 64), node("dock")))
    // What is needed by an update is in no collection.
    withExtendedLifetime(stored) {}
  }

  @Test func `an update whose bundle cannot be read keeps no node from the bytes of the others`() throws {
    let lost = FleetUpdate(
      version: 1, target: .node("roof"), plan: try UpdatePlan(stages: [1], every: 0, rule: nil), parts: ["pipelines"],
      bundle: String(repeating: "0", count: 64), by: "ann", at: library.now)
    _ = try library.table.write([.put(LibraryKeys.fleetUpdate(1), lost.json)])
    let stored = try library.put([1, 2, 3])
    let program = Bundle.Program(
      version: "2", architecture: "x86_64", schema: 8, blob: .init(stored.name.digest, byteCount: 3))
    _ = try begin("a: 1\n", for: .node("dock"), program: program)
    #expect(try book.mayRead(stored.name.digest, node("dock")))
    #expect(kind { _ = try book.mayRead(String(repeating: "1", count: 64), node("roof")) } != nil)
    withExtendedLifetime(stored) {}
  }

  @Test func `a stopped update is left, and one that is done is undone by an older one's content under a new number`()
    throws
  {
    for text in ["a: 1\n", "a: 2\n"] {
      let update = try begin(text)
      for name in ["dock", "gate", "roof"] {
        try say(name) { ($0.highest, $0.serving) = (update.version, update.version) }
      }
      try turn()
      #expect(try book.update(update.version).state == .done)
    }
    let undo = try book.undoing(2, to: nil)
    #expect(undo.bundle.version == 3 && undo.bundle.pipelines == [Bundle.Pipeline("people", "a: 1\n")])
    #expect(kind { _ = try book.undoing(1, to: nil) } == .notFound)
    let third = try begin("a: 3\n")
    try say("dock") { ($0.highest, $0.serving) = (3, 3) }
    #expect(try book.stop(third.version, by: "ann", reason: "no good").state == .stopped)
    let wanted = try book.wanted(for: node("dock"), try book.report(of: node("dock")))
    #expect(wanted.leave?.version == 3 && wanted.take == nil)
    #expect(kind { _ = try book.stop(3, by: "ann", reason: nil) } == .conflict)
    // Its nodes went back by themselves: what is undone would be another one.
    for older in [nil, 1] { #expect(kind { _ = try book.undoing(3, to: older) } == .conflict) }
  }

  @Test func `what is undone is what the update changed, and nothing of those between or behind`() throws {
    func done(_ text: String?, _ byte: UInt8?, for target: UpdateTarget = .fleet) throws {
      let stored = try byte.map { try library.put([$0]) }
      let program = stored.map {
        Bundle.Program(
          version: "1", architecture: "x86_64", schema: 8, blob: .init($0.name.digest, byteCount: 1))
      }
      let update = try begin(text, for: target, program: program)
      withExtendedLifetime(stored) {}
      for name in ["dock", "gate", "roof"] {
        try say(name) { ($0.highest, $0.serving) = (update.version, update.version) }
      }
      try turn()
      #expect(try book.update(update.version).state == .done)
    }
    try done("a: 1\n", 1)
    try done("a: 2\n", nil)
    try done(nil, 2)
    let undo = try book.undoing(3, to: nil)
    #expect(undo.back == 1 && undo.bundle.pipelines == nil && undo.bundle.program != nil)
    // The pipelines of 2 would be lost with those of 1, but they are what is undone.
    #expect(try book.undoing(2, to: nil).bundle.parts == ["pipelines"])
    try done("a: 4\n", nil, for: .group("west"))
    #expect(kind { _ = try book.undoing(2, to: nil) } == .conflict)
    #expect(try book.undoing(2, to: 1).back == 1)
    try done("a: 5\n", 3)
    #expect(kind { _ = try book.undoing(5, to: nil) } == .conflict, "2, 3 and 4 stand between 1 and 5")
    #expect(try book.undoing(5, to: 1).bundle.parts == ["pipelines", "program x86_64"])
  }

  @Test func `an update that says nothing of what another changed does not undo it, nor does a program too old`() throws
  {
    func done(_ program: Bundle.Program?) throws {
      let update = try begin("a: 1\n", program: program)
      for name in ["dock", "gate", "roof"] {
        try say(name) { ($0.highest, $0.serving) = (update.version, update.version) }
      }
      try turn()
    }
    func program(_ byte: UInt8, schema: Int) throws -> Bundle.Program {
      let stored = try library.put([byte])
      return Bundle.Program(
        version: "\(byte)", architecture: "x86_64", schema: schema, blob: .init(stored.name.digest, byteCount: 1))
    }
    try done(nil)
    try done(try program(1, schema: 8))
    #expect(kind { _ = try book.undoing(2, to: nil) } == .notFound)
    #expect(kind { _ = try book.undoing(2, to: 1) } == .conflict)
    try done(try program(2, schema: 9))
    #expect(try book.undoing(3, to: nil).bundle.program?.schema == 8)
    try done(try program(3, schema: 10))
    #expect(kind { _ = try book.undoing(4, to: 2) } == .unsupported)
  }
}
