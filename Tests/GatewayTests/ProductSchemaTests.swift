import Base
import Foundation
import Insights
import Testing

@testable import Gateway

struct ProductSchemaTests {
  @Test(
    "A product that is told by likeness alone, without brand and address, is what its schema says, and so is one that is proven"
  )
  func described() throws {
    let bytes = Description(table: Gateway.table).json(version: "1.2.3")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let components = try #require(document["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: [String: Any]])
    let schema = try #require(schemas["SeenProduct"])
    let (needed, known) = (Set(schema["required"] as! [String]), Set((schema["properties"] as! [String: Any]).keys))

    var catalogue = Catalogue(model: "m@sha256:1")
    try catalogue.add([Catalogue.Example(digest: "1", name: "a.png", embedding: [1, 0])], to: "plain")
    try catalogue.add(
      [Catalogue.Example(digest: "2", name: "b.png", embedding: [0, 1])], to: "full", brand: "Acme",
      url: "https://a.example/")
    var listing = ProductListing()
    let corners = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)].map { Quad.Point(x: $0.0, y: $0.1) }
    listing.add(
      [
        ProductInstance(product: "plain", method: .embedding, score: 0.9, similarity: 0.9, inliers: 0, box: .unit),
        ProductInstance(
          product: "full", method: .geometry, score: 0.9, similarity: 0.9, inliers: 30, quad: Quad(corners), box: .unit),
      ], frame: 0, at: 0)
    let report = listing.finish(KnownCatalogue(catalogue, digest: "sha256:2"))
    let told = JSONWriter.object { json in json.field("report") { report.write(into: &$0) } }
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(told)) as? [String: [String: Any]])
    let products = try #require(answer["report"]?["products"] as? [[String: Any]])
    #expect(products.count == 2)
    for product in products {
      #expect(needed.isSubset(of: product.keys) && known.isSuperset(of: product.keys), "\(product)")
    }
    #expect(products.contains { Set($0.keys) == known })
  }
}
