import Base
import Catalog
import LibraryKit
import TestKit
import Testing

@testable import Search

/// What is told of an alert that can find nothing.
struct AlertNotesTests {
  @Test("An alert on what no moment can be is added, and says so")
  func impossible() throws {
    let fixture = try SearchFixture(.embedded, seed: 11)
    let desk = AlertDesk(fixture.library)
    func notes(_ query: String, _ name: String = "a\(UInt32.random(in: 0 ... .max))") throws -> [String] {
      try desk.add(name, query: query, zone: nil, client: "acme", scope: .all).notes
    }
    #expect(try notes("person car").first?.contains("none is both 'person' and 'car'") == true)
    #expect(try notes("person | car").first?.contains("write OR") == true)
    #expect(try notes("person on:2026-02-01 on:2026-02-03").first?.contains("no moment begins when") == true)
    #expect(try notes("person state:open").first?.contains("once it is over") == true)
    #expect(try notes("person then car zone:x within 10s") == [])
    #expect(try notes("person after:2026-02-01 before:2026-02-02") == [])
    #expect(try notes("person car", "twice") == notes("person car", "twice"), "said again where it is there already")
  }
}
