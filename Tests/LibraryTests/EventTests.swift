import Base
import Catalog
import Items
import LibraryKit
import Predictions
import TestKit
import Testing

@testable import Library

struct StreamEventTests {
  private func event(
    _ from: Int, client: String = "acme", stream: String = "dock", label: String = "person", zone: String? = "yard"
  ) -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    var event = StreamEvent(
      id: ULID(milliseconds: from, using: &random), client: client, stream: stream, rule: "r", from: from,
      pipeline: "sha256:0")
    (event.label, event.zone, event.score, event.tracks) = (label, zone, 0.5, [1, 2])
    event.box = Rect(x: 0.125, y: 0.25, width: 0.5, height: 0.25)
    return event
  }

  private func over(_ event: StreamEvent) -> StreamEvent {
    var event = event
    (event.state, event.ending, event.to) = (.over, .over, event.from + 1000)
    return event
  }

  /// With the clients that have streams.
  private func fixture(
    _ parts: Parts, clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }
  ) throws -> LibraryFixture {
    let fixture = try LibraryFixture(parts, clock: clock)
    for client in ["acme", "bolt"] { try fixture.library.admit(client) }
    return fixture
  }

  @Test(
    "An event is found by its stream, time, label and zone, the newest first, and by no other client",
    arguments: Parts.there)
  func found(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    for number in 0..<30 {
      try library.keep(
        over(
          event(
            1_700_000_000_000 + number * 1000, stream: number % 2 == 0 ? "dock" : "gate",
            label: number % 3 == 0 ? "car" : "person", zone: number % 5 == 0 ? nil : "yard")), picture: nil)
    }
    try library.keep(event(1_700_000_000_000, client: "bolt"), picture: nil)
    func find(_ set: (inout EventFilter) -> Void, scope: ClientScope = .client("acme")) throws -> [Int] {
      var filter = EventFilter(client: "acme")
      set(&filter)
      var (found, token) = ([StreamEvent](), PageToken?.none)
      repeat {
        let page = try library.events(filter, scope: scope, limit: 4, after: token)
        found += page.elements
        token = page.next
      } while token != nil
      return found.map { ($0.from - 1_700_000_000_000) / 1000 }
    }
    let all = Array((0..<30).reversed())
    #expect(try find { _ in } == all)
    #expect(try find { $0.stream = "dock" } == all.filter { $0 % 2 == 0 })
    #expect(try find { $0.label = "car" } == all.filter { $0 % 3 == 0 })
    #expect(try find { $0.zone = "yard" } == all.filter { $0 % 5 != 0 })
    #expect(
      try find { ($0.stream, $0.label, $0.zone) = ("gate", "car", "yard") }
        == all.filter { $0 % 2 == 1 && $0 % 3 == 0 && $0 % 5 != 0 })
    #expect(try find { $0.range = 1_700_000_005_000...1_700_000_008_000 } == [8, 7, 6, 5])
    #expect(try find { ($0.stream, $0.range) = ("dock", 1_700_000_005_000...1_700_000_008_000) } == [8, 6])
    #expect(try find({ _ in }, scope: .client("bolt")).isEmpty)
    let one = try library.events(EventFilter(client: "bolt"), scope: .all, limit: 9, after: nil).elements[0]
    #expect(try library.event(one.id.text, client: "bolt", scope: .client("bolt")) == one)
    #expect(throws: Fault.self) { try library.event(one.id.text, client: "bolt", scope: .client("acme")) }
    #expect(throws: Fault.self) { try library.event(one.id.text, client: "acme", scope: .client("acme")) }
  }

  @Test(
    "A picture is kept as long as its event; a new one takes its place; removed events leave nothing",
    arguments: Parts.there)
  func pictures(parts: Parts) throws {
    let fixture = try fixture(parts, clock: { 1_700_000_100_000 })
    let library = fixture.library
    let first = event(1_700_000_000_000)
    try library.keep(first, picture: Array("one".utf8))
    let one = try #require(try library.event(first.id.text, client: "acme", scope: .all).snapshot)
    try library.keep(first, picture: Array("two".utf8))
    try library.keep(over(first), picture: nil)
    let kept = try library.event(first.id.text, client: "acme", scope: .all)
    let two = try #require(kept.snapshot)
    #expect(kept.state == .over && kept.box == first.box && one != two)
    _ = try library.collect()
    #expect(try library.read(two) == Array("two".utf8))
    #expect(throws: Fault.self) { try library.read(one) }
    // What is over is not opened again by what comes late.
    try library.keep(first, picture: nil)
    #expect(try library.event(first.id.text, client: "acme", scope: .all).state == .over)
    #expect(try library.removeEvents(before: 1_700_000_000_000) == 0)
    #expect(try library.removeEvents(before: 1_700_000_000_001) == 1)
    #expect(throws: Fault.self) { try library.event(first.id.text, client: "acme", scope: .all) }
    _ = try library.collect()
    #expect(throws: Fault.self) { try library.read(two) }
  }

  @Test("What a dead server left open is ended once, with its last known time and the reason", arguments: Parts.there)
  func restart(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    var open: [StreamEvent] = []
    for number in 0..<150 { open.append(event(1_700_000_000_000 + number)) }
    for event in open { try library.keep(event, picture: nil) }
    try library.keep(over(event(1_700_000_009_000)), picture: nil)
    #expect(try library.endOpenEvents() == 150)
    #expect(try library.endOpenEvents() == 0)
    let ended = try library.event(open[7].id.text, client: "acme", scope: .all)
    #expect(ended.state == .over && ended.ending == .restart && ended.to == open[7].to)
  }

  @Test("A stream's changes go on where they ended: start, update, end; others' never show", arguments: Parts.there)
  func changes(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    let begin = try library.lastPosition()
    let mine = event(1_700_000_000_000)
    try library.keep(mine, picture: nil)
    try library.keep(event(1_700_000_000_000, client: "bolt"), picture: nil)
    try library.keep(event(1_700_000_000_000, stream: "gate"), picture: nil)
    var more = mine
    more.score = 0.75
    try library.keep(more, picture: nil)
    try library.keep(over(more), picture: nil)
    func changes(after start: ChangePosition) throws -> [StreamEventChange] {
      var (all, position, hasMore) = ([StreamEventChange](), start, true)
      while hasMore {
        let page = try library.eventChanges(of: "acme", stream: "dock", scope: .client("acme"), after: position)
        (all, position, hasMore) = (all + page.changes, page.position, page.hasMore)
      }
      return all
    }
    let all = try changes(after: begin)
    #expect(
      all.map(\.isNew) == [true, false, false] && all.map(\.event.state) == [.open, .open, .over])
    let rest = try changes(after: all[0].position)
    #expect(rest.map(\.event.score) == [0.75, 0.75])
    #expect(
      try library.eventChanges(of: "acme", stream: "dock", scope: .client("bolt"), after: begin).changes.isEmpty)
  }

  @Test(
    "Drawn zones have a history of a hundred, and a purge leaves neither events nor zones nor pictures",
    arguments: Parts.there)
  func purge(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    for number in 0..<120 { _ = try library.draw("# \(number)\n", for: "dock", client: "acme", by: "ann") }
    _ = try library.draw(nil, for: "dock", client: "acme", by: "bob")
    let history = try library.scenes(of: "dock", client: "acme")
    #expect(history.count == 100 && history[0].text == nil && history[0].by == "bob" && history[1].text == "# 119\n")
    for number in 0..<90 { try library.keep(event(1_700_000_000_000 + number), picture: Array("p\(number)".utf8)) }
    try library.keep(event(1_700_000_000_000, client: "bolt"), picture: nil)
    let report = try library.purge("acme")
    #expect(report.left.isEmpty && report.events == 190 && report.objects == 90, "\(report)")
    #expect(try library.scenes(of: "dock", client: "acme").isEmpty)
    #expect(try library.events(EventFilter(client: "bolt"), scope: .all, limit: 9, after: nil).elements.count == 1)
    #expect(throws: Fault.self) { try library.events(EventFilter(client: "bolt"), scope: .all, limit: 0, after: nil) }
  }

  @Test("What was learnt of a stream is kept, forgotten, and purged with its client", arguments: Parts.there)
  func drift(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    #expect(try library.drift(of: "dock", client: "acme") == nil)
    for text in ["{}", #"{"learnt":1}"#] {
      for (stream, client) in [("dock", "acme"), ("gate", "acme"), ("dock", "bolt")] {
        try library.keep(drift: Array(text.utf8), of: stream, client: client)
      }
    }
    #expect(try library.drift(of: "dock", client: "acme") == Array(#"{"learnt":1}"#.utf8))
    try library.forgetDrift(of: "dock", client: "acme")
    #expect(try library.drift(of: "dock", client: "acme") == nil)
    #expect(try library.drift(of: "gate", client: "acme") != nil)
    #expect(try library.purge("acme").left.isEmpty)
    #expect(try library.drift(of: "gate", client: "acme") == nil && library.drift(of: "dock", client: "bolt") != nil)
    #expect(throws: Fault.self) { try library.keep(drift: Array("{}".utf8), of: "dock", client: "acme") }
    #expect(try library.drift(of: "dock", client: "acme") == nil)
  }

  @Test("What was drawn for a stream goes with its history, another's stays, and so do events", arguments: Parts.there)
  func forgotten(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    for stream in ["dock", "gate"] {
      for number in 0..<70 { _ = try library.draw("# \(number)\n", for: stream, client: "acme", by: "ann") }
    }
    try library.keep(event(1_700_000_000_000), picture: nil)
    try library.forgetScenes(of: "dock", client: "acme")
    #expect(try library.scenes(of: "dock", client: "acme").isEmpty)
    #expect(try library.scenes(of: "gate", client: "acme").count == 70)
    let events = try library.events(EventFilter(client: "acme"), scope: .all, limit: 9, after: nil)
    #expect(events.elements.count == 1)
  }

  @Test("What happens in a stream makes no client anew that was purged, or is about to be", arguments: Parts.there)
  func late(parts: Parts) throws {
    let fixture = try fixture(parts)
    let library = fixture.library
    let open = event(1_700_000_000_000)
    try library.keep(open, picture: nil)
    try library.close("acme")
    #expect(try !library.isOpen("acme") && library.isOpen("bolt"))
    #expect { try library.keep(over(open), picture: nil) } throws: { ($0 as? Fault)?.kind == .closed }
    #expect { try library.admit("acme") } throws: { ($0 as? Fault)?.kind == .unavailable }
    #expect(try library.purge("acme").left.isEmpty)
    #expect { try library.keep(over(open), picture: nil) } throws: { ($0 as? Fault)?.kind == .closed }
    #expect(try library.clients(scope: .all).map(\.name) == ["bolt"])
  }
}
