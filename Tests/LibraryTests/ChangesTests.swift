import Base
import Catalog
import Items
import LibraryKit
import TestKit
import Testing

@testable import Library

struct ChangesTests {
  @Test(
    "A client hears of its own assets alone: added, changed, moved in and out, removed; and goes on where it was",
    arguments: Parts.there)
  func own(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    func events(_ client: String, after position: ChangePosition = .beginning) throws -> [AssetEvent] {
      try fixture.events(of: client, after: position)
    }
    let (a, b) = (try fixture.add("a"), try fixture.add("b", AssetGroup(client: "other")))
    let middle = try library.lastPosition()
    try fixture.analyse(a, [LabelScore("cup", 1)])
    var edit = AssetEdit()
    edit.group = AssetGroup(client: "other")
    _ = try library.update(a.id.text, edit, scope: .all)
    try library.delete(b.id.text, scope: .all)
    #expect(try events("acme").map(\.kind) == [.added, .changed, .removed])
    #expect(try events("acme").allSatisfy { $0.asset.id == a.id && $0.asset.group.client == "acme" })
    #expect(try events("other").map(\.kind) == [.added, .added, .removed])
    #expect(try events("other", after: middle).map(\.asset.id) == [a.id, b.id])
    #expect(try library.events(of: "acme", scope: .client("other"), after: .beginning).events.isEmpty)
    #expect(throws: Fault.self) { try events("acme", after: ChangePosition(text: "nonsense")) }
  }
}
