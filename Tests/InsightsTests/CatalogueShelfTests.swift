import Base
import Insights
import TestKit
import Testing

@Suite("Catalogue for people")
struct CatalogueShelfTests {
  private static let jpeg: [UInt8] = [0xff, 0xd8, 1, 2, 3]

  /// Three products; the second picture of the first has a thumbnail.
  private func catalogue(_ thumbnail: [UInt8] = Self.jpeg) throws -> Catalogue {
    var catalogue = try Shelf.catalogue()
    let features = Shelf.features(Catalogue.provingFeatures)
    var second = Shelf.example("cola-2", [0.8, 0.6, 0], features: features)
    second.thumbnail = thumbnail
    try catalogue.add([second], to: "cola", url: "https://cola.example")
    return catalogue
  }

  @Test("Thumbnails are read again as they were written, and a file of version 1 is read without them")
  func versions() throws {
    let catalogue = try catalogue()
    #expect(try CatalogueFile.read(CatalogueFile.bytes(catalogue)) == catalogue)
    let old = CatalogueFile.deciding(catalogue)
    #expect(old[8] == 1 && CatalogueFile.bytes(catalogue)[8] == 2)
    let read = try CatalogueFile.read(old)
    #expect(read == (try self.catalogue([])) && read != catalogue)
    #expect(try CatalogueShelf(old).products.allSatisfy(\.thumbnail.isEmpty))
  }

  @Test("What decides answers is not changed by thumbnails, and by everything else that is told of a product")
  func deciding() throws {
    let with = CatalogueFile.deciding(try catalogue())
    #expect(with == CatalogueFile.deciding(try catalogue([])))
    #expect(with == CatalogueFile.deciding(try catalogue([0xff, 0xd8, 9])))
    var renamed = try catalogue()
    try renamed.add([], to: "cola", name: "Other")
    #expect(with != CatalogueFile.deciding(renamed))
  }

  @Test("The same picture again brings the thumbnail that is missing, and none takes the place of one that is there")
  func filled() throws {
    var catalogue = try catalogue([])
    var again = Shelf.example("cola-1", [1, 0, 0])
    again.thumbnail = Self.jpeg
    try catalogue.add([again], to: "cola")
    #expect(catalogue["cola"]?.examples.map(\.thumbnail) == [Self.jpeg, []])
    again.thumbnail = []
    try catalogue.add([again], to: "cola")
    #expect(catalogue["cola"]?.examples[0].thumbnail == Self.jpeg)
  }

  @Test("Bytes that are no JPEG, or too many, are never handed out as one")
  func foreign() throws {
    for bad in [Array("<script>".utf8), [0xff, 0xd8] + [UInt8](repeating: 0, count: CatalogueFile.largestThumbnail)] {
      let bytes = CatalogueFile.bytes(try catalogue(bad))
      #expect(throws: Fault.self) { try CatalogueFile.read(bytes) }
      #expect(throws: Fault.self) { try CatalogueShelf(bytes) }
    }
  }

  @Test("For people it tells what the catalogue tells, and which products geometry can prove")
  func shelf() throws {
    let catalogue = try catalogue()
    let shelf = try CatalogueShelf(CatalogueFile.bytes(catalogue))
    #expect(shelf.model == catalogue.model && shelf.products.map(\.id) == ["cola", "fig", "tea"])
    let cola = try #require(shelf["cola"])
    #expect(cola.name == "Cola" && cola.brand == "Acme" && cola.url == "https://cola.example")
    #expect(cola.pictures.map(\.name) == ["cola-1.png", "cola-2.png"] && cola.thumbnail == Self.jpeg)
    #expect(cola.features == Catalogue.provingFeatures + 1 && cola.isProvable)
    #expect(shelf["tea"]?.isProvable == false && shelf["fig"]?.features == 0 && shelf["none"] == nil)
    #expect(cola.has(["ACME", "col"]) && !cola.has(["acme", "tea"]) && cola.has([]))
  }
}
