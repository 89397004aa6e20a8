import Base
import Catalog
import Foundation
import Library
import LibraryKit
import Objects
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

  @Test("Pictures of a result are kept with it, those that are missing as none", arguments: Parts.there)
  func pictures(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let version = try fixture.registry.publish(try fixture.model("a"), ModelRegistry.Draft(by: "ann")).version
    let pictures = [Array("one".utf8), [], Array(repeating: 7, count: 70_000), [9]]
    let summary = Array("{}".utf8)
    let kept = try fixture.registry.keep(
      .trial, of: version, by: "bob", summary: summary, document: document, pictures: pictures)
    let none = try fixture.registry.keep(
      .trial, of: version, by: "bob", summary: summary, document: document, pictures: [[], []])
    fixture.time.update { $0 += 10_000_000_000 }
    _ = try fixture.library.collect()
    let other = try fixture.again()
    let found = try other.result(.trial, kept.id.text, of: "inspector")
    #expect(found == kept)
    for (place, picture) in pictures.enumerated() {
      #expect(try other.picture(place, of: found) == (picture.isEmpty ? nil : picture))
    }
    for place in [-1, 4, 5, 1 << 40] { #expect(try other.picture(place, of: found) == nil) }
    #expect(try other.picture(0, of: none) == nil && none.pictures == nil)
    let fault = try #require(throws: Fault.self) { try other.result(.evaluation, kept.id.text, of: "inspector") }
    #expect(fault.kind == .notFound)
  }

  @Test("A damaged pack of pictures is refused, or gives nothing, and never ends the program")
  func damaged() throws {
    let whole = PicturePack.bytes(of: [[1, 2, 3], [4]])
    var random = SeededRandom(5)
    for _ in 0..<2000 {
      var bytes = whole
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
      for _ in 0..<3 where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      for place in 0..<3 {
        guard let picture = try? PicturePack.picture(place, in: HeldBytes(bytes: bytes)) else { continue }
        #expect(picture.count <= bytes.count)
      }
    }
    #expect(try PicturePack.picture(1, in: HeldBytes(bytes: whole)) == [4])
  }

  private final class HeldBytes: ObjectReader {
    private let bytes: [UInt8]
    init(bytes: [UInt8]) { self.bytes = bytes }
    var byteCount: Int { bytes.count }
    func read(_ range: Range<Int>) throws(Fault) -> [UInt8] { Array(bytes[range]) }
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
