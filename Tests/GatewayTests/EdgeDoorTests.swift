import Base
import Catalog
import Crypto
import Edge
import Fleet
import Foundation
import JSON
import Library
import Objects
import TestKit
import Testing

@testable import Gateway

/// A node's part that says a word, and keeps what it is told.
private final class Word: NodePart {
  let name = "wish"
  let orders = Monitor<[String]>([])
  let times = Monitor<BeatTimes?>(nil)

  func report() -> [UInt8]? { Array(#"{"word":"hello"}"#.utf8) }
  func take(_ order: JSONValue) { orders.update { $0.append((try? order.string()) ?? "?") } }
  func heard(_ times: BeatTimes) { self.times.update { $0 = times } }
}

@Suite struct EdgeDoorTests {
  private let dock = NodeName.named("dock")

  @Test func `a node comes in by its token, beats, and is handed what the centre wants`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    door.wish.order.update { $0 = Array(#""go""#.utf8) }
    let (word, said, address) = (Word(), Monitor<[String]>([]), try door.address)
    let agent = try NodeAgent(
      try door.folder("dock"), centre: address, token: try door.token("dock"), parts: [word],
      say: { words in said.update { $0.append(words) } }, complain: { Issue.record("\($0)") })
    agent.start()
    defer { agent.stop() }
    #expect(try word.orders.wait(for: "an order") { $0.first } == "go")
    #expect(agent.enrolment?.name == dock && agent.enrolment?.client == "acme")
    #expect(agent.enrolment?.bundleKeys == [[UInt8](repeating: 9, count: 32)])
    try waitUntil("the agent to have its answer") { agent.state == .joined }
    #expect(said.update { $0 } == ["enrolled as dock at \(address.text)"])
    #expect(door.wish.heard.update { $0.first } == "dock: hello")
    let status = try #require(try door.book.status(of: dock))
    #expect(String(decoding: status.report, as: UTF8.self) == #"{"wish":{"word":"hello"}}"#)
    let times = try #require(word.times.update { $0 })
    #expect(times.answered >= times.had && times.got >= times.sent && abs(times.had - status.seen) < 5000)
    #expect(try door.folder("dock").enrolment()?.name == dock)
  }

  @Test func `an answer that got lost is asked for again with the same key`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (token, folder) = (try door.token("dock"), try door.folder("dock"))
    // The centre takes the key, and the node never hears of it.
    #expect(throws: Fault.self) { try Enrolment(folder, at: try CentreAddress("https://127.0.0.1:1")).enrol(token) }
    let file = "\(folder.path)/candidate.pem"
    let key = try SelfSignedCertificate.fingerprint(ofPEM: try FileSystem.read(file), name: file)
    _ = try door.book.enrol(dock, secret: token.secret, fingerprint: Hex.text(key))
    guard case .enrolled(let enrolment) = try Enrolment(folder, at: try door.address).enrol(token) else {
      Issue.record("the same key was not taken again")
      return
    }
    #expect(enrolment.name == dock)
    #expect(try Enrolment(folder, at: try door.address).wants(token) == false)
  }

  @Test func `a key that was revoked before its node heard that it is in gives way to another`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (first, folder) = (try door.token("dock"), try door.folder("dock"))
    #expect(throws: Fault.self) { try Enrolment(folder, at: try CentreAddress("https://127.0.0.1:1")).enrol(first) }
    let file = "\(folder.path)/candidate.pem"
    let key = try SelfSignedCertificate.fingerprint(ofPEM: try FileSystem.read(file), name: file)
    _ = try door.book.enrol(dock, secret: first.secret, fingerprint: Hex.text(key))
    _ = try door.book.revoke(dock)
    let second = try door.token("dock")
    guard case .enrolled = try Enrolment(folder, at: try door.address).enrol(second) else {
      Issue.record("a good token was refused for a key that is not needed")
      return
    }
    #expect(try door.book.node(dock)?.state == .enrolled && door.book.node(dock)?.fingerprint != Hex.text(key))
  }

  @Test func `a token of another centre keeps no node from its own`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    _ = try door.node("dock")
    let other = TokenWord(
      name: dock, secret: [UInt8](repeating: 1, count: 20), pin: [UInt8](repeating: 2, count: 32))
    let told = Monitor<[String]>([])
    let agent = try NodeAgent(try door.folder("dock"), centre: try door.address, token: other, parts: []) { fault in
      told.update { $0.append(fault.message) }
    }
    agent.start()
    defer { agent.stop() }
    try waitUntil("the node to beat") { agent.state == .joined }
    #expect(told.update { $0.count } == 1 && told.update { $0[0].contains("goes on as it is enrolled") })
  }

  @Test func `a node that cannot read what it knew of its centre goes on without it`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    _ = try door.node("dock")
    let (folder, told) = (try door.folder("dock"), Monitor<[String]>([]))
    try FileSystem.write([0, 1, 2], to: "\(folder.path)/centre.json")
    let agent = try NodeAgent(folder, centre: try door.address, token: nil, parts: []) { fault in
      told.update { $0.append(fault.message) }
    }
    try agent.enrolFirst()
    agent.start()
    agent.stop()
    #expect(agent.connection == nil && told.update { $0.count } == 1)
    guard case .refused(let why) = agent.state else {
      Issue.record("\(agent.state)")
      return
    }
    #expect(why.contains("centre.json"))
  }

  @Test func `a token that is used, copied, over or made up is refused for good, and its key thrown away`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let token = try door.token("dock")
    _ = try Enrolment(try door.folder("dock"), at: try door.address).enrol(token)
    let made = TokenWord(name: try NodeName("gate"), secret: [UInt8](repeating: 1, count: 20), pin: door.pin)
    for (copy, word) in [(token, "used already"), (made, "not known")] {
      let folder = try door.folder("thief")
      guard case .refused(let fault) = try Enrolment(folder, at: try door.address).enrol(copy) else {
        Issue.record("it was taken")
        return
      }
      #expect(fault.kind == .denied && fault.message.contains(word), "\(fault)")
      #expect(try FileSystem.list(folder.path).isEmpty)
    }
    #expect(try door.book.nodes().count == 1)
  }

  @Test func `nothing is told to who holds the centre's address with another key`() throws {
    let (door, other) = (try EdgeDoorFixture(), try EdgeDoorFixture())
    defer {
      door.end()
      other.end()
    }
    do {
      _ = try Enrolment(try door.folder("dock"), at: try other.address).enrol(try door.token("dock"))
      Issue.record("it was taken")
    } catch { #expect((error as? Fault)?.kind == .denied && "\(error)".contains("another key"), "\(error)") }
    #expect(other.told.update { $0.isEmpty })
  }

  @Test func `a revoked node is refused with its next request on a connection that is open`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (dock, gate) = (try door.node("dock"), try door.node("gate"))
    #expect(try door.beat(dock) == 200 && door.beat(gate) == 200)
    _ = try door.book.revoke(self.dock)
    try door.fleet.ring.refresh()
    #expect(try door.beat(dock) == 403 && door.beat(gate) == 200)
  }

  @Test func `bytes for which a node's client has no room are refused with the reason, which is no fault of the link`()
    throws
  {
    let door = try EdgeDoorFixture(keepsLedgers: true)
    defer { door.end() }
    let dock = try door.node("dock")
    let link = CentreLink(LinkBudget(bytesPerSecond: nil)) { dock }
    let digest = SHA256.hex(of: [1, 2, 3])
    try door.book.library.limit("acme", to: 2)
    guard case .refused(let reason) = try link.put([1, 2], of: digest, at: 0, total: 3) else {
      Issue.record("it was taken")
      return
    }
    #expect(reason.contains("the client 'acme' may still store"))
    try door.book.library.limit("acme", to: 3)
    #expect(try link.put([1, 2], of: digest, at: 0, total: 3) == .part(2))
    #expect(try link.put([3], of: digest, at: 2, total: 3) == .whole)
    let more: [[UInt8]] = [[4], [5, 6, 7]]
    let pack = BlobPack(more.map { BlobPack.Blob(digest: SHA256.hex(of: $0), bytes: $0) })
    try door.book.library.limit("acme", to: 4)
    let states = try #require(try link.put(pack))
    guard states.count == 2, states[0] == .whole, case .refused(let why) = states[1] else {
      Issue.record("\(states)")
      return
    }
    #expect(why.contains("the client 'acme' may still store"))
  }

  @Test func `what a node left that was revoked goes with the next look at the fleet, and nothing of another's`() throws
  {
    let door = try EdgeDoorFixture(keepsLedgers: true)
    defer { door.end() }
    let library = door.book.library
    func open(_ stream: String) throws -> StreamEvent {
      var random = SystemRandomNumberGenerator()
      // An event is found by the moment in its id.
      let now = library.now
      let event = StreamEvent(
        id: ULID(milliseconds: now, using: &random), client: "acme", stream: stream, rule: "there", from: now,
        pipeline: "sha256:0")
      try library.keep(event, picture: nil)
      return event
    }
    func state(_ event: StreamEvent) throws -> StreamEvent.State {
      try library.event(event.id.text, client: "acme", scope: .all).state
    }
    for name in ["dock", "gate"] {
      let node = try door.node(name)
      let link = CentreLink(LinkBudget(bytesPerSecond: nil)) { node }
      #expect(try link.put([1], of: SHA256.hex(of: [1, 2]), at: 0, total: 2) == .part(1))
    }
    _ = try door.book.revoke(dock)
    // As where the process that revoked it died before it came to this.
    let (left, other) = (try open("dock/gate"), try open("gate/gate"))
    try door.fleet.note()
    #expect(try state(left) == .over && state(other) == .open)
    #expect(try FileSystem.list("\(library.path)/edge/incoming") == ["gate"])
  }

  @Test func `who a node is stands in its certificate alone`() throws {
    let door = try EdgeDoorFixture()
    defer { door.end() }
    let (dock, _) = (try door.node("dock"), try door.node("gate"))
    let claims = #"{"node":"gate","name":"gate","report":{"node":"gate"}}"#
    let answer = try dock.ask(
      "POST", "/v1/edge/beat?node=gate", headers: [("X-Node", "gate"), ("Authorization", "Bearer gate")],
      body: .bytes(Array(claims.utf8)))
    #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self).contains(#""node":"dock""#))
    #expect(try door.book.status(of: self.dock) != nil && door.book.status(of: NodeName("gate")) == nil)
  }
}

extension NodeName {
  fileprivate static func named(_ text: String) -> NodeName {
    guard let name = try? NodeName(text) else { preconditionFailure("'\(text)' is no name") }
    return name
  }
}
