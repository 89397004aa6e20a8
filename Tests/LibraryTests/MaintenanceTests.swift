import Base
import Catalog
import Items
import LibraryKit
import Objects
import TestKit
import Testing

@testable import Library

/// What is done now and then where no server runs.
struct MaintenanceTests {
  @Test("A round takes bytes away that nobody needs, once in ten minutes, and not where there is no time")
  func rounds() throws {
    let now = Monitor(1_700_000_000_000)
    let fixture = try LibraryFixture(.embedded, clock: { now.update { $0 } })
    let library = fixture.library
    let asset = try fixture.add("kept")
    func round(goesOn: Bool = true) throws {
      try LibraryMaintenance.round(library, examiner: AnyExaminer()) { goesOn }
    }
    /// Bytes that nothing refers to.
    func left(_ text: String) throws -> () throws -> Bool {
      let name = try library.put(Array(text.utf8)).name
      return { FileSystem.isThere(try library.objects.file(of: name)) }
    }
    let first = try left("one")
    try round()
    #expect(try !first())
    let second = try left("two")
    now.update { $0 += 590_000 }
    try round()
    #expect(try second(), "ten minutes are not over")
    now.update { $0 += 10_000 }
    try round(goesOn: false)
    #expect(try second(), "there was no time")
    now.update { $0 += 600_000 }
    try round()
    #expect(try !second())
    #expect(try library.read(asset.object) == Array("kept".utf8))
  }
}
