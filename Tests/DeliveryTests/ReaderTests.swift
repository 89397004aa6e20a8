import Base
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Delivery

struct ReaderTests {
  @Test(
    "Each change of an event is noted once for each target that wants it, and for no other client",
    arguments: Parts.there)
  func noted(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook")
    try fixture.add("updates") { $0.selection.phases = [.start, .update, .end] }
    try fixture.add("cars") { $0.selection.labels = ["car"] }
    try fixture.add("other", client: "bolt")
    let event = try fixture.begin()
    try fixture.read()
    var again = event
    (again.count, again.updated) = (2, fixture.library.now)
    try fixture.library.keep(again, picture: nil)
    try fixture.end(event)
    try fixture.read()
    try fixture.read()
    let found = try fixture.notices()
    #expect(found.map(\.phase) == [.start, .end] && found.map(\.state) == [.waiting, .waiting])
    #expect(found.map(\.event.state) == [.open, .over] && found.allSatisfy { $0.event.id == event.id })
    #expect(Set(found.map(\.id)).count == 2 && found.allSatisfy { $0.id.hasPrefix("dlv_") && $0.id.utf8.count == 36 })
    #expect(try fixture.notices("updates").map(\.phase) == [.start, .update, .end])
    #expect(try fixture.notices("cars").isEmpty && fixture.notices("other", client: "bolt").isEmpty)
    let waiting = try fixture.desk.waiting(for: try fixture.desk.target("hook", client: "acme", scope: .all))
    #expect(waiting.count == 2 && waiting.oldest != nil)
  }

  @Test(
    "What happened before the first target was made is not told, nor what changes without an event",
    arguments: Parts.there)
  func before(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.end(try fixture.begin())
    try fixture.read()
    try fixture.add("hook")
    _ = try fixture.library.draw("zones: {}\n", for: "dock", client: "acme", by: "x")
    try fixture.read()
    #expect(try fixture.notices().isEmpty)
    try fixture.desk.remove("hook", client: "acme", scope: .all)
    try fixture.end(try fixture.begin())
    try fixture.add("hook")
    try fixture.read()
    #expect(try fixture.notices().isEmpty, "nobody listened then")
  }

  @Test("Two readers at once, each interrupted at will, note nothing twice and miss nothing", arguments: Parts.there)
  func many(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook", "hook2")
    let known = try fixture.desk.known()
    let isOver = Monitor(false)
    let readers = (0..<2).map { number in
      NativeThread {
        guard let library = try? fixture.ground.library(on: "host\(number)") else { return }
        while !isOver.update({ $0 }) {
          try? NoticeReader(library: library).follow(known, before: Clock.now)
        }
      }
    }
    var expected: [String] = []
    for number in 0..<60 {
      let event = try fixture.begin("s\(number % 3)")
      try fixture.end(event)
      expected += ["\(event.id) start", "\(event.id) end"]
    }
    #expect(try fixture.comes { try fixture.notices().count == 120 && fixture.notices("hook2").count == 120 })
    isOver.update { $0 = true }
    for reader in readers { reader.join() }
    for target in ["hook", "hook2"] {
      let found = try fixture.notices(target)
      #expect(found.map { "\($0.event.id) \($0.phase.rawValue)" } == expected, "in the order of the changes")
      #expect(Set(found.map(\.number)).count == 120)
    }
  }

  @Test("Where the changes are forgotten, what is missing is noted from the events", arguments: Parts.there)
  func forgotten(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook")
    try fixture.end(try fixture.begin())
    try fixture.read()
    let open = try fixture.begin()
    let over = try fixture.begin("yard")
    try fixture.end(over)
    try fixture.library.table.trimChanges(
      through: try fixture.library.lastPosition(), olderThan: fixture.library.now / 1000 + 100)
    // Something more, so that there is a change behind those that are gone.
    _ = try fixture.begin("gate")
    try fixture.library.table.trimChanges(
      through: try fixture.library.lastPosition(), olderThan: fixture.library.now / 1000 + 100)
    try fixture.read()
    let found = try fixture.notices()
    #expect(found.count == 6, "\(found.map { "\($0.event.stream) \($0.phase)" })")
    #expect(found.filter { $0.event.id == open.id }.map(\.phase) == [.start])
    #expect(found.filter { $0.event.id == over.id }.map(\.phase) == [.start, .end])
    try fixture.end(open)
    try fixture.read()
    #expect(try fixture.notices().filter { $0.event.id == open.id }.map(\.phase) == [.start, .end])
  }

  @Test(
    "An event that cannot be read is complained of, and keeps none behind it from being told", arguments: Parts.there)
  func unreadable(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook")
    let key = ItemKey(LibraryKeys.streamPartition("acme", "dock"), "EVENT#broken")
    _ = try fixture.library.table.write([.put(key, Array("{}".utf8))])
    let event = try fixture.begin()
    let complaints = Monitor<[Fault]>([])
    let reader = NoticeReader(library: fixture.library) { fault in complaints.update { $0.append(fault) } }
    try reader.follow(try fixture.desk.known(), before: Clock.now + 10_000_000_000)
    #expect(try fixture.notices().map(\.event.id) == [event.id])
    #expect(complaints.update { $0.count } == 1)
  }

  @Test("A purge leaves no target and no notice of the client", arguments: Parts.there)
  func purged(parts: Parts) throws {
    let fixture = try DeliveryFixture(parts)
    try fixture.add("hook")
    try fixture.add("hook", client: "bolt")
    for client in ["acme", "bolt"] { try fixture.end(try fixture.begin(client: client)) }
    try fixture.read()
    let report = try fixture.library.purge("acme")
    #expect(report.targets == 1 && report.left.isEmpty, "\(report)")
    let partition = LibraryKeys.notices("acme", "hook")
    #expect(try fixture.library.table.items(Query(partition)).elements.isEmpty)
    #expect(try fixture.notices("hook", client: "bolt").count == 2)
  }

  @Test("A copy of a library tells what waits, and what happens there, under the same ids")
  func copied() throws {
    let fixture = try DeliveryFixture(.embedded)
    try fixture.add("hook")
    try fixture.end(try fixture.begin())
    try fixture.read()
    let missed = try fixture.begin("yard")
    let other = try DeliveryFixture(.embedded)
    let target = try Library(other.ground.folder.file("copy"))
    _ = try fixture.library.copy(to: target)
    let desk = DeliveryDesk(target)
    try NoticeReader(library: target).follow(try desk.known(), before: Clock.now + 10_000_000_000)
    let page = try desk.notices(of: "hook", client: "acme", state: .waiting, scope: .all, limit: 100, after: nil)
    #expect(page.elements.count == 3 && page.elements.contains { $0.event.id == missed.id })
    try fixture.read()
    #expect(Set(page.elements.map(\.id)) == Set(try fixture.notices().map(\.id)))
  }
}
