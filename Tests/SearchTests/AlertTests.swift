import Base
import Catalog
import Foundation
import Items
import Library
import LibraryKit
import Predictions
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

struct AlertTests {
  /// 25 searches, or as many as `RIDLEY_SEARCHES` says (`make soak-search`: 100).
  private static let searches = ProcessInfo.processInfo.environment["RIDLEY_SEARCHES"].flatMap { Int($0) } ?? 25

  /// A search as an alert, as a link, and as a link that is followed.
  private struct Asked {
    let name: String
    let query: String
    let token: String
    var follower: LinkFollower

    init(_ number: Int, _ query: String, _ library: Library) throws {
      (name, self.query) = ("a\(number)", query)
      _ = try AlertDesk(library).add(name, query: query, zone: nil, client: "acme", scope: .all)
      token = try ShareDesk(library).add(ShareDesk.Draft(query: query), client: "acme", scope: .all).token
      follower = try LinkFollower(token, library)
    }
  }

  /// A round of what may happen beside a search; events that go on are returned.
  private func happen(_ fixture: SearchFixture, _ assets: inout [Asset], _ open: inout [StreamEvent]) throws {
    for _ in 0..<fixture.number(1...4) {
      let isOpen = fixture.chance(0.3)
      let client = fixture.chance(0.2) ? "bolt" : "acme"
      let event = try fixture.addEvent("s\(fixture.number(1...3))", client: client, isOpen: isOpen)
      if isOpen { open.append(event) }
    }
    if !open.isEmpty, fixture.chance(0.5) {
      try fixture.end(open.remove(at: fixture.number(0...(open.count - 1))))
    }
    if fixture.chance(0.4), let asset = assets.popLast() {
      try fixture.analyse(asset)
      if fixture.chance(0.3) { try fixture.analyse(asset, series: "q") }
    }
  }

  @Test(
    "A search, an alert and a link give the same for many searches while moments come in", arguments: Parts.there)
  func same(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: parts == .embedded ? 11 : 12)
    var assets = try (0..<6).map { try fixture.addAsset(client: $0 == 3 ? "bolt" : "acme") }
    var asked = try (0..<Self.searches).map { try Asked($0, SearchTests().query(fixture), fixture.library) }
    let first = try fixture.alertPositions()
    var open: [StreamEvent] = []
    for round in 0..<30 {
      try happen(fixture, &assets, &open)
      if fixture.chance(0.5) { try fixture.desk.settle(within: 60) }
      if fixture.chance(0.5) { try fixture.settleAlerts() }
      if round % 10 == 9 { try fixture.putBack(first) }
      for place in asked.indices where fixture.chance(0.1) { try asked[place].follower.look() }
    }
    for event in open { try fixture.end(event) }
    try fixture.settleAlerts()
    let notices = try fixture.notices()
    var count = 0
    for place in asked.indices {
      try asked[place].follower.look()
      let one = asked[place]
      let found = try fixture.find(one.query)
      #expect(try fixture.show(one.token).map { $0[0].id } == found.map { $0[0].id }, "\(one.query)")
      let ids = found.map { $0[0].id }.sorted()
      #expect((notices[one.name] ?? []).compactMap(\.about).sorted() == ids, "the alert \(one.query)")
      let live = found.filter { if case .stream = $0[0].source { true } else { false } }.map { $0[0].id }.sorted()
      #expect(one.follower.told.sorted() == live, "the link \(one.query)")
      count += ids.count
    }
    #expect(count > 3 * Self.searches, "the searches are about something")
    #expect(try fixture.notices(client: "bolt").isEmpty)
  }

  @Test(
    "What was told once is told once, though readers begin anew and moments are derived anew", arguments: Parts.there)
  func once(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 4)
    _ = try AlertDesk(fixture.library).add("all", query: "label:*", zone: nil, client: "acme", scope: .all)
    let asset = try fixture.addAsset()
    let first = try fixture.alertPositions()
    try fixture.analyse(asset)
    for _ in 0..<10 { _ = try fixture.addEvent("s1") }
    try fixture.settleAlerts()
    let told = try fixture.notices()["all"]?.map(\.id) ?? []
    #expect(told.count == fixture.known.filter { $0.label != nil }.count)
    for _ in 0..<3 {
      try fixture.putBack(first)
      try fixture.settleAlerts()
    }
    try fixture.desk.rebuild()
    try fixture.putBack(first)
    try fixture.settleAlerts()
    #expect(try fixture.notices()["all"]?.map(\.id) == told)
    // A reader that does not know where it was begins with what comes then.
    try fixture.putBack([nil, nil])
    try fixture.settleAlerts()
    #expect(try fixture.notices()["all"]?.map(\.id) == told)
  }

  @Test("What was before an alert is not told to it, and what it told stays when it is gone", arguments: Parts.there)
  func between(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 5)
    let desk = AlertDesk(fixture.library)
    for _ in 0..<5 { _ = try fixture.addEvent("s1") }
    try fixture.desk.settle(within: 60)
    let added = try desk.add("all", query: "stream:s1", zone: nil, client: "acme", scope: .all)
    #expect(added.isNew)
    try fixture.settleAlerts()
    #expect(try fixture.notices().isEmpty)
    _ = try fixture.addEvent("s1")
    try fixture.settleAlerts()
    #expect(try fixture.notices()["all"]?.count == 1)
    #expect(try desk.alerts(of: "acme", scope: .all) == [added.alert])
    try desk.remove("all", client: "acme", scope: .all)
    _ = try fixture.addEvent("s1")
    try fixture.settleAlerts()
    #expect(try fixture.notices()["all"]?.count == 1)
    let marks = Query(LibraryKeys.alertedPartition("acme"))
    #expect(try fixture.library.table.items(marks).elements.isEmpty)
  }

  @Test("A sequence is told with the last of its moments, in whichever order they end")
  func sequences() throws {
    let fixture = try SearchFixture(.embedded, seed: 6)
    let desk = AlertDesk(fixture.library)
    _ = try desk.add("then", query: "person then car within 10s", zone: nil, client: "acme", scope: .all)
    _ = try desk.add("near", query: "person near car within 10s", zone: nil, client: "acme", scope: .all)
    func happen(_ label: String, _ from: Int, to: Int, isOpen: Bool = false) throws -> StreamEvent {
      var random = SystemRandomNumberGenerator()
      let start = SearchFixture.start
      var event = StreamEvent(
        id: ULID(milliseconds: start + from, using: &random), client: "acme", stream: "s", rule: "r",
        from: start + from, pipeline: "sha256:1")
      (event.label, event.to, event.updated) = (label, start + to, start + to)
      if !isOpen { event.state = .over }
      try fixture.library.keep(event, picture: nil)
      try fixture.settleAlerts()
      return event
    }
    func told(_ name: String) throws -> [String] { try (fixture.notices()[name] ?? []).compactMap(\.about) }
    // The car is over before the person is.
    var long = try happen("person", 0, to: 1000, isOpen: true)
    _ = try happen("car", 2000, to: 3000)
    #expect(try told("then").isEmpty && told("near").isEmpty)
    (long.state, long.to) = (.over, long.from + 5000)
    try fixture.library.keep(long, picture: nil)
    try fixture.settleAlerts()
    #expect(try told("then") == [long.id.text] && told("near") == [long.id.text])
    // Behind its car a person is near it, and no beginning of a sequence.
    let late = try happen("person", 12_000, to: 13_000)
    #expect(try told("then") == [long.id.text] && Set(told("near")) == [long.id.text, late.id.text])
    _ = try happen("car", 22_000, to: 22_500)
    #expect(try Set(told("then")) == [long.id.text, late.id.text])
  }

  @Test("A notice says what its moment is, has a picture of its own, and goes when that goes", arguments: Parts.there)
  func notice(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 7)
    let library = fixture.library
    _ = try AlertDesk(library).add("dock", query: "zone:*", zone: nil, client: "acme", scope: .all)
    var random = SystemRandomNumberGenerator()
    var event = StreamEvent(
      id: ULID(milliseconds: SearchFixture.start, using: &random), client: "acme", stream: "s", rule: "r",
      from: SearchFixture.start, pipeline: "sha256:1")
    (event.label, event.zone, event.score, event.state) = ("person", "dock", 0.5, .over)
    event.box = Rect(x: 0.25, y: 0.5, width: 0.125, height: 0.25)
    (event.to, event.best) = (event.from + 2000, event.from + 1000)
    try library.keep(event, picture: Array("a picture".utf8))
    try fixture.settleAlerts()
    let notice = try #require(try fixture.notices()["dock"]?.first)
    #expect((notice.stream, notice.from, notice.to, notice.best) == ("s", event.from, event.to, event.best))
    #expect((notice.label, notice.zone, notice.score, notice.box) == ("person", "dock", 0.5, event.box))
    #expect(notice.about == event.id.text && notice.state == .over && notice.id != event.id)
    #expect(try library.event(notice.id.text, client: "acme", scope: .all) == notice)
    // It is told as one thing that happened, whatever phases a target hears of; and makes no moment.
    #expect(Notice.phases(of: notice, before: nil) == [.start])
    var selection = DeliveryTarget.Selection()
    selection.phases = [.end]
    #expect(selection.wants(notice, .start))
    selection.kinds = [.event, .health]
    #expect(!selection.wants(notice, .start))
    #expect(try fixture.find("stream:s").count == 1)
    let digest = try #require(notice.snapshot)
    _ = try library.table.write([.delete(event.itemKey), .delete(try #require(event.picture(digest)))])
    _ = try library.collect()
    #expect(try library.read(digest) == Array("a picture".utf8))
    #expect(try library.removeEvents(before: .max / 4) == 1)
    try fixture.settleAlerts()
    #expect(try library.table.items(Query(LibraryKeys.alertedPartition("acme"))).elements.isEmpty)
  }

  @Test("Of a film a notice names the asset; a new analysis tells what is new in it", arguments: Parts.there)
  func films(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 8)
    let asset = try fixture.addAsset()
    _ = try AlertDesk(fixture.library).add(
      "all", query: "kind:sight asset:\(asset.id.text)", zone: nil, client: "acme", scope: .all)
    try fixture.analyse(asset, count: 5)
    try fixture.settleAlerts()
    let first = try fixture.notices()["all"] ?? []
    #expect(first.count == 5 && first.allSatisfy { $0.asset == asset.id && $0.offset != nil && $0.isOfServer })
    func places() -> Set<String> {
      Set(fixture.known.map { "\($0.offset ?? -1) \($0.label ?? $0.text ?? "") \($0.track ?? -1)" })
    }
    let before = places()
    try fixture.analyse(asset, count: 6)
    try fixture.settleAlerts()
    let new = places().subtracting(before)
    #expect(try fixture.notices()["all"]?.count == 5 + new.count)
    // Its time is another, its moments are what they were.
    var edit = AssetEdit()
    edit.tags = ["seen"]
    _ = try fixture.library.update(asset.id.text, edit, scope: .all)
    try fixture.settleAlerts()
    #expect(try fixture.notices()["all"]?.count == 5 + new.count)
    try fixture.library.delete(asset.id.text, scope: .all)
    try fixture.settleAlerts()
    #expect(try fixture.library.table.items(Query(LibraryKeys.alertedPartition("acme"))).elements.isEmpty)
  }

  @Test("An alert that cannot be read or served is refused, and nothing of another client's is touched")
  func refused() throws {
    let fixture = try SearchFixture(.embedded, seed: 9)
    let desk = AlertDesk(fixture.library)
    for query in ["lable:car", "score:>.5", "-person", "car then", ""] {
      #expect(throws: Fault.self) { try desk.add("a", query: query, zone: nil, client: "acme", scope: .all) }
    }
    #expect(throws: Fault.self) { try desk.add("a", query: "car", zone: "Nowhere/None", client: "acme", scope: .all) }
    #expect(throws: Fault.self) { try desk.add("a b", query: "car", zone: nil, client: "acme", scope: .all) }
    #expect(throws: Fault.self) { try desk.add("a", query: "car", zone: nil, client: "acme", scope: .client("bolt")) }
    let one = try desk.add("a", query: "car", zone: "Europe/Berlin", client: "acme", scope: .client("acme"))
    let again = try desk.add("a", query: "car", zone: "Europe/Berlin", client: "acme", scope: .client("acme"))
    #expect(again.alert == one.alert && !again.isNew)
    #expect { try desk.add("a", query: "cat", zone: nil, client: "acme", scope: .all) } throws: {
      ($0 as? Fault)?.kind == .conflict
    }
    #expect(try desk.alerts(of: "acme", scope: .client("bolt")).isEmpty)
    #expect { try desk.remove("a", client: "acme", scope: .client("bolt")) } throws: {
      ($0 as? Fault)?.kind == .notFound
    }
    #expect(try desk.alerts(of: "acme", scope: .all).count == 1)
  }

  @Test("A purge leaves nothing of alerts and links, of what they told and of who used them", arguments: Parts.there)
  func purge(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 10)
    let (library, client) = (fixture.library, "marked\(UInt64.random(in: 0 ... .max))")
    try library.admit(client)
    for owner in [client, "acme"] {
      _ = try AlertDesk(library).add("all", query: "stream:s", zone: nil, client: owner, scope: .all)
    }
    let made = try ShareDesk(library).add(ShareDesk.Draft(query: "stream:s"), client: client, scope: .all)
    let kept = try ShareDesk(library).add(ShareDesk.Draft(query: "stream:s"), client: "acme", scope: .all)
    for _ in 0..<4 {
      _ = try fixture.addEvent("s", client: client)
      _ = try fixture.addEvent("s")
    }
    try fixture.settleAlerts()
    #expect(try fixture.show(made.token).count == 4 && fixture.notices(client: client)["all"]?.count == 4)
    let report = try library.purge(client)
    #expect(report.left.isEmpty && report.searches == 2, "\(report)")
    try library.table.atOneMoment { (reader) throws(Fault) in
      try (reader as? any WholeTable)?.forEachItem { (item) throws(Fault) in
        #expect(!"\(item.key) \(String(decoding: item.body, as: UTF8.self))".contains(client))
        return true
      }
    }
    #expect(try library.table.changes(after: .beginning, limit: 1000).changes.allSatisfy { !"\($0)".contains(client) })
    #expect(throws: Fault.self) { try fixture.show(made.token) }
    #expect(try fixture.show(kept.token).count == 4 && fixture.notices()["all"]?.count == 4)
  }
}

extension StreamEvent {
  /// By which an event would need a picture.
  fileprivate func picture(_ digest: String) -> ItemKey? {
    var event = self
    event.snapshot = digest
    return event.reference
  }
}
