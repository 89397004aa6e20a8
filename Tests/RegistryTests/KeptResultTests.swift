import Base
import Catalog
import Foundation
import Library
import LibraryKit
import TestKit
import Testing

@testable import Registry

@Suite struct KeptResultTests {
  private let document = Array(#"{"all":[1,2,3]}"#.utf8)

  @Test(
    "Results are kept with their version, the oldest first, told by kind, and read again elsewhere",
    arguments: Parts.there)
  func kept(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    for mark in ["a", "b"] {
      _ = try fixture.registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann"))
    }
    let registry = fixture.registry
    let (one, two) = (try registry.find("1", of: "inspector"), try registry.find("2", of: "inspector"))
    for (version, kind) in [(two, KeptResult.Kind.evaluation), (one, .evaluation), (two, .trial), (two, .evaluation)] {
      fixture.time.update { $0 += 1000 }
      let summary = Array(#"{"ap":0.5,"truth":"é/t.json"}"#.utf8)
      _ = try registry.keep(kind, of: version, by: "bob", summary: summary, document: document)
    }
    let other = try fixture.again()
    let all = try other.results(.evaluation, of: "inspector")
    #expect(all.map(\.version) == [1, 2, 2] && all[1].at < all[2].at && all.allSatisfy { $0.by == "bob" })
    #expect(String(decoding: all[0].summary, as: UTF8.self) == #"{"ap":0.5,"truth":"é/t.json"}"#)
    #expect(try other.results(.trial, of: "inspector", version: 2).count == 1)
    #expect(try other.results(.trial, of: "inspector", version: 1).isEmpty)
    #expect(try other.document(of: all[2]) == document)
    #expect(try other.versions(of: "inspector").count == 2, "results are no versions")
    #expect(try other.results(.trial, of: "other").isEmpty)
  }

  @Test("Nothing is kept of a version that was removed meanwhile")
  func removed() throws {
    let fixture = try RegistryFixture()
    let registry = fixture.registry
    let version = try registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    _ = try registry.remove(version, by: "ann")
    #expect(throws: Fault.self) {
      try registry.keep(.trial, of: version, by: "bob", summary: Array("{}".utf8), document: document)
    }
    #expect(try registry.results(.trial, of: "inspector").isEmpty)
  }

  @Test("A collection leaves what results need, and who keeps one says who it is")
  func collected() throws {
    let fixture = try RegistryFixture()
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    let kept = try fixture.registry.keep(.trial, of: version, by: "bob", summary: Array("{}".utf8), document: document)
    fixture.time.update { $0 += 10_000_000_000 }
    _ = try fixture.library.collect()
    #expect(try fixture.registry.document(of: kept) == document)
    #expect(throws: Fault.self) {
      try fixture.registry.keep(.trial, of: version, by: "", summary: Array("{}".utf8), document: document)
    }
  }
}
