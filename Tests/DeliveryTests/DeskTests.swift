import Base
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Delivery

struct DeskTests {
  @Test(
    "A webhook gets a secret once and keeps it; what is no target is refused with its reason", arguments: Parts.there)
  func targets(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    let desk = fixture.desk
    var wanted = DeliveryTarget(client: "acme", name: "hook", address: "https://a.example/", created: 0)
    let first = try desk.put(wanted, scope: .client("acme"))
    #expect(first.isNew && first.secret?.hasPrefix("whsec_") == true)
    #expect(first.secret == first.target.credentials.secret)
    wanted.address = "https://b.example/"
    let second = try desk.put(wanted, scope: .client("acme"))
    #expect(!second.isNew && second.secret == nil && second.target.credentials == first.target.credentials)
    #expect(second.target.created == first.target.created && second.target.origin == "https://b.example")
    #expect(try desk.target("hook", client: "acme", scope: .all).address == "https://b.example/")
    #expect(throws: Fault.self) { try desk.put(wanted, scope: .client("bolt")) }
    #expect(throws: Fault.self) { try desk.target("hook", client: "acme", scope: .client("bolt")) }
    #expect(try desk.targets(of: "acme", scope: .client("bolt")).isEmpty)
    let bad: [(String, (inout DeliveryTarget) -> Void)] = [
      ("http or https", { $0.address = "ftp://a" }), ("no user", { $0.address = "https://u:p@a/" }),
      ("no port", { $0.address = "mqtt://a:0" }), ("phase", { $0.selection.phases = [] }),
      ("phase", { $0.selection.phases = [.test] }), ("whsec_", { $0.credentials.secret = "short" }),
      ("no user and no password", { $0.credentials.user = "u" }),
      ("at most 100", { $0.selection.labels = Array(repeating: "x", count: 101) }),
    ]
    for (words, set) in bad {
      var target = wanted
      set(&target)
      let fault = #expect(throws: Fault.self) { try desk.put(target, scope: .all) }
      #expect(fault?.kind == .badInput && fault?.message.contains(words) == true, "\(fault?.message ?? "")")
    }
    for topic in ["", "a/#", "/a", "a/", "$SYS", "a+b"] {
      var target = DeliveryTarget(client: "acme", name: "b", address: "mqtt://a", created: 0)
      target.topic = topic
      #expect(throws: Fault.self) { try desk.put(target, scope: .all) }
    }
    for name in ["", ".x", "a b", "a/b", String(repeating: "x", count: 65)] {
      let target = DeliveryTarget(client: "acme", name: name, address: "https://a.example/", created: 0)
      #expect(throws: Fault.self) { try desk.put(target, scope: .all) }
    }
  }

  @Test("A client has twenty targets at most")
  func most() throws {
    let fixture = try DeliveryFixture(.embedded)
    for number in 0..<20 { try fixture.add("hook\(number)") }
    let fault = #expect(throws: Fault.self) { try fixture.add("one-more") }
    #expect(fault?.kind == .exhausted)
    try fixture.add("hook", client: "bolt")
  }

  @Test("Targets of a configuration keep no secret in the library, and go with it", arguments: Parts.there)
  func configured(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("own")
    var target = DeliveryTarget(client: "acme", name: "set", address: "mqtt://hub", created: 0)
    (target.credentials.user, target.credentials.password) = ("u", "geheim")
    try fixture.desk.configure([target], isWhole: true)
    let item = try #require(try fixture.library.table.get(LibraryKeys.target("acme", "set")))
    #expect(!item.body.contains(Array("geheim".utf8)))
    #expect(try fixture.desk.known().first { $0.target.name == "set" }?.target.credentials.password == "geheim")
    #expect(
      try DeliveryDesk(fixture.library).known().first { $0.target.name == "set" }?.target.credentials.password == nil)
    #expect(throws: Fault.self) { try fixture.desk.remove("set", client: "acme", scope: .all) }
    #expect(throws: Fault.self) { try fixture.desk.put(target, scope: .all) }
    try fixture.desk.configure([], isWhole: false)
    #expect(try fixture.desk.targets(of: "acme", scope: .all).map(\.name) == ["own", "set"])
    try fixture.desk.configure([], isWhole: true)
    #expect(try fixture.desk.targets(of: "acme", scope: .all).map(\.name) == ["own"])
  }

  @Test("A link shows its picture to whoever has it until it expires, and nothing else", arguments: Parts.there)
  func links(parts: Parts) throws {
    let now = Monitor(1_700_000_000_000)
    let fixture = try DeliveryFixture(parts) { now.update { $0 } }
    let event = try fixture.begin()
    try fixture.library.keep(event, picture: Array("jpeg".utf8))
    let signer = try fixture.desk.signer(origin: "https://c.example", seconds: 60)
    let expires = 1_700_000_060
    let address = signer.address(of: event, .snapshot, expires: expires)
    let signature = String(address.split(separator: "=").last ?? "")
    // Another server of the library.
    let desk = DeliveryDesk(try fixture.ground.library(on: "other") { now.update { $0 } })
    func see(
      _ id: String? = nil, client: String = "acme", expires: Int = expires, signature: String = signature
    ) throws -> [UInt8] {
      let found = try desk.event(
        id ?? event.id.text, .snapshot, client: client, expires: expires, signature: signature)
      return try fixture.library.read(try #require(found.snapshot))
    }
    #expect(try see() == Array("jpeg".utf8))
    #expect(throws: Fault.self) {
      try desk.event(event.id.text, .clip, client: "acme", expires: expires, signature: signature)
    }
    let other = try fixture.begin()
    try fixture.library.keep(other, picture: Array("another".utf8))
    #expect(throws: Fault.self) { try see(other.id.text) }
    #expect(throws: Fault.self) { try see(client: "bolt") }
    #expect(throws: Fault.self) { try see(expires: expires + 1) }
    #expect(throws: Fault.self) { try see(signature: String(signature.dropLast())) }
    now.update { $0 = 1_700_000_060_000 }
    #expect(throws: Fault.self) { try see() }
  }

  @Test(
    "What is wrong is one event from when it is noticed until it is over, found by its kind, and told",
    arguments: Parts.there)
  func incidents(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook") { $0.selection.kinds = [.health] }
    let desk = IncidentDesk(fixture.library)
    let place = IncidentDesk.Place("source-gone", client: "acme", stream: "dock")
    #expect(try desk.raise(place, "nobody answers"))
    #expect(try !desk.raise(place, "nobody answers"))
    _ = try fixture.begin()
    #expect(try desk.clear(place))
    #expect(try !desk.clear(place))
    try desk.tell(IncidentDesk.Place("clip-discarded", client: "acme", stream: "dock"), "no room")
    #expect(throws: Fault.self) { try desk.raise(IncidentDesk.Place("disk-short", client: "zork"), "x") }
    try fixture.read()
    let found = try fixture.notices()
    #expect(found.map(\.type) == ["health.start", "health.end", "health.start", "health.end"])
    #expect(found.map(\.event.rule) == ["source-gone", "source-gone", "clip-discarded", "clip-discarded"])
    var filter = EventFilter(client: "acme")
    filter.kind = .health
    let kept = try fixture.library.events(filter, scope: .client("acme"), limit: 10, after: nil).elements
    #expect(kept.map(\.problem) == ["no room", "nobody answers"] && kept.allSatisfy { $0.state == .over })
    filter.kind = .event
    #expect(try fixture.library.events(filter, scope: .client("acme"), limit: 10, after: nil).elements.count == 1)
  }

  @Test("A stream that is not as it was is an event of a kind of its own, and told as that", arguments: Parts.there)
  func drift(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook") { $0.selection.kinds = [.drift] }
    let desk = IncidentDesk(fixture.library)
    let place = IncidentDesk.Place(IncidentDesk.Place.drift, client: "acme", stream: "dock")
    #expect(try desk.raise(place, "contrast of the pictures (index 4.81, from 0.25)"))
    #expect(try desk.raise(IncidentDesk.Place("source-gone", client: "acme", stream: "dock"), "nobody answers"))
    #expect(try desk.clear(place))
    try fixture.read()
    #expect(try fixture.notices().map(\.type) == ["drift.start", "drift.end"])
    var filter = EventFilter(client: "acme")
    filter.kind = .drift
    let kept = try fixture.library.events(filter, scope: .client("acme"), limit: 10, after: nil).elements
    #expect(kept.map(\.rule) == ["drift"] && kept[0].state == .over && kept[0].stream == "dock")
  }

  @Test("What passes quickly is no incident, and one that lasts is raised and cleared once")
  func watched() {
    var watch = ProblemWatch()
    let place = IncidentDesk.Place("source-gone", client: "acme", stream: "dock")
    func look(_ problem: String?, _ now: Double) -> [ProblemWatch.Step] {
      watch.look([.init(place, problem: problem, patience: 10)], at: now)
    }
    #expect(look("gone", 0).isEmpty && look("gone", 9).isEmpty && look(nil, 9.5).isEmpty)
    #expect(look("gone", 10).isEmpty && look("gone", 20) == [.raise(place, "gone")] && look("still", 21).isEmpty)
    #expect(look(nil, 22) == [.clear(place)] && look(nil, 23).isEmpty)
    #expect(look("gone", 30).isEmpty && look("gone", 40) == [.raise(place, "gone")])
    #expect(watch.look([], at: 41) == [.clear(place)], "the stream was removed")
  }
}
