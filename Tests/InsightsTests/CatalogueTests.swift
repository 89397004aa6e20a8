import Base
import Insights
import TestKit
import Testing

@Suite("Catalogue")
struct CatalogueTests {
  @Test("what is written is read again as it was, features and empty fields too")
  func roundTrip() throws {
    let catalogue = try Shelf.catalogue()
    let read = try CatalogueFile.read(CatalogueFile.bytes(catalogue))
    #expect(read == catalogue)
    #expect(read["cola"]?.brand == "Acme" && read["tea"]?.brand == nil)
  }

  @Test("any byte that changed, and any part that is missing, is told and never read")
  func damage() throws {
    let bytes = CatalogueFile.bytes(try Shelf.catalogue())
    var random = SeededRandom(7)
    for _ in 0..<200 {
      var broken = bytes
      broken[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(throws: Fault.self) { try CatalogueFile.read(broken) }
      #expect(throws: Fault.self) { try CatalogueShelf(broken) }
    }
    for length in [0, 3, 8, 12, 40, bytes.count / 2, bytes.count - 1] {
      #expect(throws: Fault.self) { try CatalogueFile.read(Array(bytes.prefix(length))) }
      #expect(throws: Fault.self) { try CatalogueShelf(Array(bytes.prefix(length))) }
    }
  }

  @Test("a catalogue of a newer version says so, and how to go on")
  func version() throws {
    var bytes = CatalogueFile.bytes(try Shelf.catalogue())
    bytes[8] = 9
    let fault = #expect(throws: Fault.self) { try CatalogueFile.read(bytes) }
    #expect(fault?.kind == .unsupported && fault?.message.contains("version 9") == true)
  }

  @Test("products are kept in the order of their ids, however they came")
  func order() throws {
    var catalogue = Catalogue(model: "m@sha256:0")
    for (number, id) in ["pear", "apple", "fig", "apple2", "zebra"].enumerated() {
      try catalogue.add([Shelf.example("\(number)", [Float(number + 1), 1, 0])], to: id)
    }
    #expect(catalogue.products.map(\.id) == ["apple", "apple2", "fig", "pear", "zebra"])
    let (first, second) = (catalogue.remove("fig"), catalogue.remove("fig"))
    #expect(first && !second)
    #expect(catalogue["fig"] == nil && catalogue["pear"]?.id == "pear")
  }

  @Test("one picture of two products is refused, and both are named: nothing could tell them apart")
  func twins() throws {
    var catalogue = try Shelf.catalogue()
    let fault = #expect(throws: Fault.self) {
      try catalogue.add([Shelf.example("cola-1", [1, 0, 0])], to: "cola-light")
    }
    #expect(fault?.message.contains("cola-light") == true && fault?.message.contains("product cola ") == true)
    #expect(catalogue["cola-light"] == nil)
  }

  @Test("the same picture again changes nothing, so that a folder may be added anew")
  func again() throws {
    var catalogue = try Shelf.catalogue()
    let before = catalogue
    try catalogue.add([Shelf.example("cola-1", [0, 1, 0])], to: "cola")
    #expect(catalogue == before)
  }

  @Test(
    "ids that no file or address could have are refused", arguments: ["", " ", "a b", "../x", ".hidden", "a/b", "a\nb"])
  func ids(_ id: String) throws {
    var catalogue = Catalogue(model: "m@sha256:0")
    #expect(throws: Fault.self) { try catalogue.add([Shelf.example("1", [1, 0])], to: id) }
  }

  @Test(
    "embeddings of another length, of no length, or that are no numbers are refused",
    arguments: [
      [1, 0], [0, 0, 0], [.nan, 0, 1], [.infinity, 0, 0], [3, 4, 0],
    ] as [[Float]])
  func embeddings(_ values: [Float]) throws {
    var catalogue = try Shelf.catalogue()
    let raw = Catalogue.Example(digest: "x", name: "x.png", embedding: values)
    #expect(throws: Fault.self) { try catalogue.add([raw], to: "new") }
  }
}

/// A small catalogue of two products in a space of three numbers.
enum Shelf {
  static func example(_ digest: String, _ vector: [Float], features: LocalFeatures? = nil) -> Catalogue.Example {
    Catalogue.Example(
      digest: digest, name: digest + ".png", embedding: Embedding.unit(vector) ?? vector, features: features)
  }

  /// As many features as asked for, so that a test's aligner knows them again.
  static func features(_ count: Int) -> LocalFeatures {
    LocalFeatures(
      size: Size(width: 100, height: 100), points: [Float](repeating: 1, count: 2 * count),
      descriptors: [UInt8](repeating: 7, count: LocalFeatures.byteCount * count))
  }

  static func catalogue() throws -> Catalogue {
    var catalogue = Catalogue(model: "net@sha256:00")
    try catalogue.add([example("cola-1", [1, 0, 0], features: features(1))], to: "cola", name: "Cola", brand: "Acme")
    try catalogue.add([example("tea-1", [0, 1, 0], features: features(2))], to: "tea")
    try catalogue.add([example("fig-1", [0, 0, 1])], to: "fig")
    return catalogue
  }
}

/// Answers by how many features an example has.
struct TableAligner: FeatureAligner {
  var answers: [Int: Alignment]

  func align(_ example: LocalFeatures, in picture: LocalFeatures) throws(Fault) -> Alignment {
    answers[example.count] ?? .none
  }

  /// Straight, at a place in the picture, in its pixels.
  static func sight(_ inliers: Int, x: Double = 0, y: Double = 0, scale: Double = 0.5, mirrored: Bool = false)
    -> Alignment
  {
    Alignment(
      matches: inliers + 5, inliers: inliers,
      projection: [mirrored ? -scale : scale, 0, mirrored ? x + 100 * scale : x, 0, scale, y, 0, 0, 1])
  }
}
