import Base
import Insights
import Predictions
import TestKit
import Testing

@Suite("Products")
struct ProductTests {
  private static let picture = Shelf.features(50)

  private func match(
    _ answers: [Int: Alignment] = [:], _ embedding: [Float]? = [1, 0, 0], region: Rect = .unit,
    _ change: (inout ProductSettings) -> Void = { _ in }
  ) throws -> ProductMatch {
    var settings = ProductSettings()
    change(&settings)
    let matcher = try ProductMatcher(try Shelf.catalogue(), settings, aligner: TableAligner(answers: answers))
    return try matcher.match(embedding, features: Self.picture, region: region)
  }

  @Test("geometry is proof, and says where: the example's corners in the picture")
  func proof() throws {
    let match = try match([1: TableAligner.sight(20, x: 10, y: 20)], [0.5, 0.5, 0.7])
    let one = try #require(match.instances.first)
    #expect(match.instances.count == 1 && one.product == "cola" && one.method == .geometry && one.inliers == 20)
    #expect(one.quad?.corners.first == Quad.Point(x: 0.1, y: 0.2))
    #expect(near(one.box.right, 0.6) && near(one.box.bottom, 0.7) && one.score < 1)
  }

  @Test("what is found in a box is told in the whole picture's fractions")
  func region() throws {
    let match = try match([1: TableAligner.sight(20)], region: Rect(x: 0.5, y: 0.5, width: 0.2, height: 0.4))
    let box = try #require(match.instances.first?.box)
    #expect(near(box.x, 0.5) && near(box.right, 0.6) && near(box.y, 0.5) && near(box.bottom, 0.7))
  }

  @Test("fewer features than a proof needs prove nothing, and the embedding decides")
  func fewer() throws {
    let match = try match([2: TableAligner.sight(14)])
    #expect(match.instances.map(\.product) == ["cola"] && match.instances.first?.method == .embedding)
    #expect(match.instances.first?.box == .unit)
  }

  @Test("what is nearest is told by both together, also where nothing is claimed")
  func nearest() throws {
    let match = try match([2: TableAligner.sight(14)], [0.6, 0.4, 0.5])
    #expect(match.instances.isEmpty && match.candidates.map(\.product) == ["tea", "cola", "fig"])
    #expect(match.candidates[0].inliers == 14)
  }

  @Test("only the most alike are compared, and all where no embedding says which those are")
  func few() throws {
    let sights = [2: TableAligner.sight(20)]
    #expect(try match(sights, [1, 0.6, 0.9]) { $0.candidates = 1 }.instances.isEmpty)
    #expect(try match(sights, nil) { $0.candidates = 1 }.instances.map(\.product) == ["tea"])
  }

  @Test("a mirrored sight is none: what agrees by chance turns pictures inside out")
  func mirrored() throws {
    #expect(try match([1: TableAligner.sight(60, x: 10, mirrored: true)], [0.6, 0.6, 0.5]).instances.isEmpty)
  }

  @Test(
    "a projection to a line, to a dot, behind the viewer or to nowhere is no sight",
    arguments: [
      [0.5, 0, 0, 0.5, 0, 0, 0, 0, 1], [1e-4, 0, 5, 0, 1e-4, 5, 0, 0, 1], [1, 0, 0, 0, 1, 0, -0.02, 0, 1],
      [.nan, 0, 0, 0, 1, 0, 0, 0, 1], [1e6, 0, 0, 0, 1e6, 0, 0, 0, 1], [],
    ] as [[Double]])
  func degenerate(_ projection: [Double]) throws {
    let alignment = Alignment(matches: 90, inliers: 80, projection: projection)
    #expect(try match([1: alignment], [0.6, 0.6, 0.5]).instances.isEmpty)
  }

  @Test("two flavours that fit one place as well are a doubt, unless the embedding agrees with the better")
  func flavours() throws {
    let both = [1: TableAligner.sight(40), 2: TableAligner.sight(38)]
    #expect(try match(both, [1, 0.2, 0]).instances.map(\.product) == ["cola"])
    let doubtful = try match(both, [0.2, 1, 0])
    #expect(doubtful.instances.isEmpty && doubtful.doubt?.contains("cola and tea") == true)
    #expect(try match(both, nil).instances.isEmpty)
    #expect(
      try match([1: TableAligner.sight(40), 2: TableAligner.sight(20)], [0.2, 1, 0]).instances.map(\.product) == [
        "cola"
      ])
  }

  @Test("a brand's sign alone is no proof of its product: what agrees has to be spread, or much")
  func sign() throws {
    var sign = TableAligner.sight(20)
    sign.coverage = 0.4
    let match = try match([1: sign], [0.6, 0.6, 0.5])
    #expect(match.instances.isEmpty && match.doubt?.contains("a part of cola") == true)
    sign.inliers = 30
    #expect(try self.match([1: sign], [0.6, 0.6, 0.5]).instances.map(\.method) == [.geometry])
    // The network may be sure by itself.
    sign.inliers = 20
    let alike = try self.match([1: sign], [1, 0.1, 0])
    #expect(alike.instances.map(\.method) == [.embedding] && alike.doubt == nil && alike.instances[0].inliers == 20)
  }

  @Test("two products beside each other are both there")
  func beside() throws {
    let match = try match([1: TableAligner.sight(20, x: 0, scale: 0.4), 2: TableAligner.sight(30, x: 50, scale: 0.4)])
    #expect(match.instances.map(\.product) == ["tea", "cola"])
  }

  @Test("without geometry, two that are alike are a doubt, and what is far from all is nothing")
  func doubt() throws {
    let matcher = try ProductMatcher(try Shelf.catalogue(), aligner: nil)
    let close = try matcher.match([1, 0.95, 0], features: nil)
    #expect(close.instances.isEmpty && close.doubt?.contains("cola and tea") == true)
    #expect(close.candidates.prefix(2).map(\.product) == ["cola", "tea"])
    let far = try matcher.match([-1, -1, -1], features: nil)
    #expect(far.instances.isEmpty && far.doubt == nil)
    #expect(!matcher.wantsFeatures)
  }

  @Test(
    "an embedding of another network, or none, is told and not matched",
    arguments: [[1, 0], [0, 0, 0], [.nan, 1, 0]] as [[Float]])
  func foreign(_ embedding: [Float]) throws {
    #expect(throws: Fault.self) { try match([:], embedding) }
    let matcher = try ProductMatcher(try Shelf.catalogue(), aligner: nil)
    let fault = #expect(throws: Fault.self) { try matcher.check(model: "other@sha256:11") }
    #expect(fault?.message.contains("other@sha256:11") == true)
  }

  @Test("an empty catalogue is refused with the way to fill it")
  func empty() {
    let fault = #expect(throws: Fault.self) { try ProductMatcher(Catalogue(model: "m"), aligner: nil) }
    #expect(fault?.message.contains("catalogue add") == true)
  }

  @Test("settings that mean nothing are refused by name")
  func settings() throws {
    let changes: [(String, (inout ProductSettings) -> Void)] = [
      ("inliers", { $0.inliers = 4 }), ("coverage", { $0.coverage = 2 }), ("similarity", { $0.similarity = 1.5 }),
      ("margin", { $0.margin = -0.1 }),
      ("clearance", { $0.clearance = .nan }), ("candidates", { $0.candidates = 0 }), ("side", { $0.side = 10 }),
      ("features", { $0.features = 1 }),
    ]
    for (name, change) in changes {
      let fault = #expect(throws: Fault.self) { try match(change) }
      #expect(fault?.message.contains(name) == true)
    }
  }

  private func match(_ change: (inout ProductSettings) -> Void) throws -> ProductMatch {
    try match([:], [1, 0, 0], change)
  }
}

@Suite("Product listings")
struct ProductListingTests {
  private func sight(_ id: String, _ inliers: Int, x: Double = 0) -> ProductInstance {
    ProductInstance(
      product: id, method: inliers > 0 ? .geometry : .embedding, score: 0.8, similarity: 0.7, inliers: inliers,
      box: Rect(x: x, y: 0, width: 0.1, height: 0.1))
  }

  private func report(
    _ frames: [(Double, [ProductInstance])], end: Double? = nil,
    _ change: (inout ProductListing.Settings) -> Void = { _ in }
  ) throws -> ProductReport {
    var settings = ProductListing.Settings()
    change(&settings)
    var listing = ProductListing(settings)
    for (number, frame) in frames.enumerated() { listing.add(frame.1, frame: number, at: frame.0) }
    return listing.finish(KnownCatalogue(try Shelf.catalogue(), digest: "sha256:1"), end: end)
  }

  @Test("a product's time is that of the frames that show it, however often they were looked at")
  func time() throws {
    let report = try report([(0, [sight("cola", 20)]), (0.5, [sight("cola", 30)]), (1, []), (2, [])], end: 4)
    let cola = try #require(report.products.first)
    #expect(cola.segments == [0...1] && near(cola.seconds, 1) && near(cola.share, 0.25) && cola.name == "Cola")
    #expect(cola.best.inliers == 30 && cola.sights.map(\.frame) == [1, 0])
  }

  @Test("a hand before it ends no stretch, a cut does")
  func gap() throws {
    let seen = [sight("tea", 20)]
    let report = try report([(0, seen), (1, []), (2, seen), (3, []), (4, []), (5, []), (6, seen)], end: 7)
    #expect(report.products[0].segments == [0...3, 6...7] && near(report.products[0].seconds, 3))
  }

  @Test("two of a kind in one frame are counted once, and the better one is told")
  func twice() throws {
    let report = try report([(0, [sight("cola", 20), sight("cola", 50, x: 0.5)])], end: 1)
    #expect(report.products.count == 1 && report.products[0].best.box.x == 0.5 && near(report.products[0].seconds, 1))
  }

  @Test("a proof is a better sight than any likeness")
  func better() throws {
    let report = try report([(0, [sight("cola", 0)]), (1, [sight("cola", 15)]), (2, [sight("cola", 0)])]) {
      $0.frames = 2
    }
    #expect(report.products[0].best.method == .geometry && report.products[0].sights.map(\.frame) == [1, 0])
  }

  @Test("times that step back make no frame last less than nothing")
  func back() throws {
    let report = try report([(0, [sight("cola", 20)]), (5, [sight("cola", 20)]), (2, [sight("cola", 20)])], end: 6)
    #expect(near(report.products[0].seconds, 6) && report.products[0].segments == [0...6])
  }

  @Test("a product that left the catalogue keeps its id, and short stretches can be left out")
  func unknown() throws {
    let frames = [(0.0, [sight("gone", 20)]), (0.2, []), (3, [sight("cola", 20)]), (5, [])]
    #expect(try report(frames).products.map(\.name) == ["Cola", "gone"])
    #expect(try report(frames) { $0.least = 1 }.products.map(\.id) == ["cola"])
  }

  @Test("nothing seen is an empty list, with the frames that were looked at")
  func nothing() throws {
    #expect(try report([]).products.isEmpty)
    let report = try report([(0, []), (1, [])])
    #expect(report.products.isEmpty && report.frames == 2)
  }

  @Test("instances that were kept as answers make the same list")
  func answers() throws {
    let corners = [(0.1, 0.2), (0.5, 0.25), (0.5, 0.7), (0.1, 0.65)].map { Quad.Point(x: $0.0, y: $0.1) }
    var proven = sight("cola", 23)
    proven.quad = Quad(corners)
    let (alike, other) = (sight("tea", 0), Prediction(kind: .detection, label: "person", score: 0.9, box: .unit))
    #expect(
      ProductInstance(proven.prediction(step: 3)) == proven && ProductInstance(alike.prediction(step: 3)) == alike)
    #expect(ProductInstance(other) == nil)
    var listing = ProductListing()
    var elsewhere = alike.prediction(step: 1)
    elsewhere.label = "detector"
    listing.add([elsewhere, proven.prediction(step: 3, parent: 0), other], step: 3, frame: 0, at: 0)
    let report = listing.finish(KnownCatalogue(try Shelf.catalogue(), digest: "sha256:1"), end: 1)
    #expect(report.products.map(\.id) == ["cola"] && report.products[0].best == proven)
  }

  @Test("it is written by the contract: productId, score, method, inliers, quad or box, segments")
  func json() throws {
    let report = try report([(0, [sight("cola", 20)])], end: 1.5)
    let text = String(decoding: JSONWriter.line { $0.field("x") { report.write(into: &$0) } }, as: UTF8.self)
    #expect(
      text.contains(
        #""products":[{"productId":"cola","score":0.8,"method":"geometry","similarity":0.7,"inliers":20,"box":[0,0,0.1,0.1],"name":"Cola","brand":"Acme","segments":[{"start":0,"end":1.5}]"#
      ))
  }
}
