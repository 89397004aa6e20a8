import Base
import Catalog
import Items
import Library
import LibraryKit
import TestKit
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(20)))
struct ServiceTests {
  private static var quick: DeliveryPace {
    var pace = DeliveryPace()
    (pace.first, pace.longest, pace.longestProbe) = (0.05, 0.2, 0.2)
    return pace
  }

  private func service(
    _ fixture: DeliveryFixture, _ listeners: Listeners, _ pace: DeliveryPace = quick, over library: Library? = nil
  ) -> DeliveryService {
    DeliveryService(DeliveryDesk(library ?? fixture.library), pace, nil, complain: { _ in }) { listeners.sender($0) }
  }

  @Test(
    "Everything is told in the order of its stream, over refusals and absences, and each body stays as it was",
    arguments: Parts.there)
  func order(parts: Parts) throws {
    let (fixture, listeners) = (try DeliveryFixture(parts), Listeners())
    try fixture.add("good", "bad", "away")
    let service = service(fixture, listeners)
    listeners.answer("bad", .answered(500, retryAfter: nil))
    listeners.answer("away", Telling(verdict: .again(isOfTarget: true, after: nil), reason: "nobody is there"))
    var expected: [String: [String]] = [:]
    for number in 0..<40 {
      let event = try fixture.begin("s\(number % 4)")
      try fixture.end(event)
      expected[event.stream, default: []] += ["\(event.id) start", "\(event.id) end"]
    }
    #expect(try fixture.comes { listeners.all("good").count == 80 }, "the others hold it up")
    #expect(try fixture.comes { listeners.all("bad").count > 8 && listeners.all("away").count > 2 })
    #expect(Set(listeners.all("bad").map(\.notice.id)).count == 4, "the first of each stream")
    #expect(Set(listeners.all("away").map(\.notice.id)).count <= 4)
    listeners.answer("bad", nil)
    listeners.answer("away", nil)
    #expect(
      try fixture.comes {
        try ["good", "bad", "away"].allSatisfy { try fixture.notices($0).allSatisfy { $0.state == .delivered } }
      })
    for target in ["good", "bad", "away"] {
      var (first, bodies) = ([String: [String]](), [String: [UInt8]]())
      for told in listeners.all(target) {
        #expect(bodies[told.notice.id, default: told.body] == told.body)
        if bodies[told.notice.id] == nil {
          first[told.notice.event.stream, default: []].append("\(told.notice.event.id) \(told.notice.phase.rawValue)")
        }
        bodies[told.notice.id] = told.body
      }
      #expect(first == expected, "\(target)")
    }
    let figures = service.figures(scope: .client("acme"))
    #expect(
      figures.map(\.target) == ["away", "bad", "good"] && figures.allSatisfy { $0.delivered == 80 && $0.waiting == 0 })
    #expect(service.figures(scope: .client("bolt")).isEmpty)
    service.stop()
  }

  @Test("What is not taken for long enough is dead, listed with its reasons, and told by a replay under the same id")
  func dead() throws {
    let (fixture, listeners) = (try DeliveryFixture(.embedded), Listeners())
    try fixture.add("hook")
    var pace = Self.quick
    pace.patience = 0.6
    let service = service(fixture, listeners, pace)
    listeners.answer("hook", .answered(500, retryAfter: nil))
    let event = try fixture.begin()
    #expect(try fixture.comes { try fixture.notices().first?.state == .dead })
    let notice = try #require(try fixture.notices().first)
    #expect(notice.tried > 1 && notice.attempts.allSatisfy { $0.status == 500 && $0.reason != nil })
    listeners.answer("hook", nil)
    try fixture.end(event)
    #expect(try fixture.comes { listeners.all("hook").contains { $0.notice.phase == .end } }, "the next of its stream")
    let count = try fixture.desk.replay(
      "hook", client: "acme", 0...Int(1e15), states: [.dead], scope: .client("acme"))
    #expect(count == 1)
    #expect(try fixture.comes { listeners.all("hook").last?.notice.id == notice.id })
    service.stop()
  }

  @Test("410 pauses a target with a reason; what happens waits, and is told once it goes on")
  func gone() throws {
    let (fixture, listeners) = (try DeliveryFixture(.embedded), Listeners())
    try fixture.add("hook")
    let service = service(fixture, listeners)
    listeners.answer("hook", .answered(410, retryAfter: nil))
    let event = try fixture.begin()
    func target() throws -> DeliveryTarget { try fixture.desk.target("hook", client: "acme", scope: .all) }
    #expect(try fixture.comes { try target().pause?.contains("410") ?? false })
    try fixture.end(event)
    #expect(try fixture.comes { try fixture.notices().count == 2 })
    #expect(listeners.all("hook").count == 1)
    listeners.answer("hook", nil)
    _ = try fixture.desk.pause("hook", client: "acme", reason: nil, scope: .client("acme"))
    #expect(try fixture.comes { try fixture.notices().allSatisfy { $0.state == .delivered } })
    #expect(listeners.all("hook").map(\.notice.phase) == [.start, .start, .end])
    service.stop()
  }

  @Test(
    "A replay tells a range again under the same ids, in the same order, and a target that came later what it missed",
    arguments: Parts.there)
  func replayed(parts: Parts) throws {
    let (fixture, listeners) = (try DeliveryFixture(parts), Listeners())
    try fixture.add("hook")
    let service = service(fixture, listeners)
    let base = fixture.library.now
    for number in 0..<10 { try fixture.end(try fixture.begin(at: base + number * 1000)) }
    #expect(try fixture.comes { listeners.all("hook").count == 20 })
    #expect(try fixture.comes { try fixture.notices().allSatisfy { $0.state == .delivered } })
    let ids = listeners.all("hook").map(\.notice.id)
    let count = try fixture.desk.replay(
      "hook", client: "acme", (base + 2000)...(base + 4000), states: nil, scope: .client("acme"))
    #expect(count == 6)
    #expect(try fixture.comes { listeners.all("hook").count == 26 })
    #expect(listeners.all("hook")[20...].map(\.notice.id) == Array(ids[4..<10]))
    try fixture.add("late")
    #expect(try fixture.desk.replay("late", client: "acme", 0...Int(1e15), states: nil, scope: .all) == 20)
    #expect(try fixture.desk.replay("late", client: "acme", 0...base, states: nil, scope: .all) == 0, "they wait")
    #expect(try fixture.comes { listeners.all("late").count == 20 })
    let starts = { (name: String) in
      listeners.all(name).prefix(20).filter { $0.notice.phase == .start }.map(\.notice.event.id)
    }
    #expect(starts("late") == starts("hook"))
    for (place, told) in listeners.all("late").enumerated() where told.notice.phase == .end {
      let start = listeners.all("late").firstIndex {
        $0.notice.event.id == told.notice.event.id && $0.notice.phase == .start
      }
      #expect(start.map { $0 < place } == true)
    }
    #expect(throws: Fault.self) {
      try fixture.desk.replay("hook", client: "acme", 0...base, states: nil, scope: .client("bolt"))
    }
    service.stop()
  }

  @Test("Of two servers one tells; where it ends the other goes on, and nothing is lost", arguments: Parts.there)
  func takeover(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook")
    let (first, second) = (Listeners(), Listeners())
    let one = service(fixture, first)
    let before = try fixture.begin()
    #expect(try fixture.comes { first.all("hook").count == 1 })
    let two = service(fixture, second, over: try fixture.ground.library(on: "other"))
    try fixture.end(before)
    #expect(try fixture.comes { first.all("hook").count == 2 })
    #expect(second.all("hook").isEmpty && two.figures(scope: .all).isEmpty)
    one.stop()
    try fixture.end(try fixture.begin())
    #expect(try fixture.comes { second.all("hook").count == 2 })
    #expect(first.all("hook").count == 2)
    two.stop()
  }

  @Test(
    "A target hears of updates too where it wants them, and is not told those that were overtaken while it was away")
  func updates() throws {
    let (fixture, listeners) = (try DeliveryFixture(.embedded), Listeners())
    try fixture.add("hook") { $0.selection.phases = [.start, .update, .end] }
    let service = service(fixture, listeners)
    listeners.answer("hook", Telling(verdict: .again(isOfTarget: true, after: nil), reason: "away"))
    var event = try fixture.begin()
    #expect(try fixture.comes { !listeners.all("hook").isEmpty })
    for number in 2...5 {
      (event.count, event.updated) = (number, fixture.library.now)
      try fixture.library.keep(event, picture: nil)
    }
    #expect(try fixture.comes { try fixture.notices().count == 5 })
    listeners.answer("hook", nil)
    #expect(try fixture.comes { listeners.all("hook").last?.notice.phase == .update })
    #expect(Set(listeners.all("hook").map(\.notice.event.count)) == [0, 5])
    try fixture.end(event)
    #expect(try fixture.comes { listeners.all("hook").last?.notice.phase == .end })
    service.stop()
  }
}
