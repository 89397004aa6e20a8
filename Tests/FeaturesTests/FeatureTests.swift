import Base
import Features
import Insights
import TestKit
import Testing

/// Pictures that are drawn here: dots of many sizes, which have features, and none of anybody's.
struct Drawing {
  let size: Size
  var gray: [UInt8]

  init(_ width: Int, _ height: Int, seed: UInt64, dots: Int = 220) {
    size = Size(width: width, height: height)
    gray = [UInt8](repeating: 128, count: width * height)
    var random = SeededRandom(seed)
    for _ in 0..<dots {
      let (x, y) = (Int.random(in: 0..<width, using: &random), Int.random(in: 0..<height, using: &random))
      let (radius, light) = (Int.random(in: 2...9, using: &random), UInt8.random(in: 0...255, using: &random))
      for row in max(0, y - radius)..<min(height, y + radius) {
        for column in max(0, x - radius)..<min(width, x + radius)
        where (row - y) * (row - y) + (column - x) * (column - x) < radius * radius {
          gray[row * width + column] = light
        }
      }
    }
  }

  init(_ width: Int, _ height: Int, _ value: (Int, Int) -> UInt8) {
    size = Size(width: width, height: height)
    gray = (0..<width * height).map { value($0 % width, $0 / width) }
  }

  subscript(_ x: Int, _ y: Int) -> UInt8 { gray[y * size.width + x] }

  /// With another picture put into it, scaled by whole steps of its pixels.
  func with(_ other: Drawing, x: Int, y: Int, halved: Bool = false) -> Drawing {
    var copy = self
    let step = halved ? 2 : 1
    for row in 0..<other.size.height / step {
      for column in 0..<other.size.width / step {
        copy.gray[(y + row) * size.width + x + column] = other[column * step, row * step]
      }
    }
    return copy
  }
}

@Suite("Features", .enabled(if: FeatureEngine().isThere, "the library of features is not here: run ./bootstrap"))
struct FeatureTests {
  private let engine = FeatureEngine()

  private func features(_ drawing: Drawing, most: Int = 600) throws -> LocalFeatures {
    try engine.detect(drawing.gray, size: drawing.size, most: most)
  }

  @Test func `many threads at once find what one finds`() async throws {
    let drawing = Drawing(320, 240, seed: 5)
    let alone = try features(drawing)
    let lone = try engine.align(alone, in: alone).inliers
    let nothing = LocalFeatures(size: drawing.size, points: [], descriptors: [])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          // Calls that end at once meet each other where the library is entered.
          for _ in 0..<50_000 { _ = try engine.align(nothing, in: nothing) }
          let found = try features(drawing)
          return try found == alone && engine.align(found, in: alone).inliers == lone
        }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }

  private func quad(_ example: LocalFeatures, _ picture: LocalFeatures) throws -> (inliers: Int, quad: Quad?) {
    let alignment = try engine.align(example, in: picture)
    return (alignment.inliers, Quad(alignment, of: example.size, in: picture.size, region: .unit))
  }

  @Test("an example is found where it was put, to a pixel")
  func place() throws {
    let example = Drawing(160, 120, seed: 1)
    let scene = Drawing(400, 300, seed: 2).with(example, x: 120, y: 90)
    let (inliers, quad) = try quad(features(example), features(scene))
    let box = try #require(quad?.box)
    #expect(inliers >= 15)
    #expect(abs(box.x * 400 - 120) < 1.5 && abs(box.y * 300 - 90) < 1.5)
    #expect(abs(box.right * 400 - 280) < 1.5 && abs(box.bottom * 300 - 210) < 1.5)
  }

  @Test("turned by a quarter it is found too, with its corners in their order")
  func turned() throws {
    let example = Drawing(160, 120, seed: 1)
    let turned = Drawing(120, 160) { x, y in example[y, 119 - x] }
    let scene = Drawing(400, 300, seed: 2).with(turned, x: 100, y: 50)
    let (inliers, quad) = try quad(features(example), features(scene))
    let first = try #require(quad?.corners.first)
    #expect(inliers >= 15)
    // Clockwise by a quarter the left top corner is the right top one.
    #expect(abs(first.x * 400 - 220) < 2 && abs(first.y * 300 - 50) < 2)
  }

  @Test("mirrored, as a selfie has it, it is no proof")
  func mirrored() throws {
    let example = Drawing(160, 120, seed: 1)
    let mirrored = Drawing(160, 120) { x, y in example[159 - x, y] }
    let (inliers, quad) = try quad(
      features(example), features(Drawing(400, 300, seed: 2).with(mirrored, x: 120, y: 90)))
    #expect(quad == nil || inliers < 15)
  }

  @Test("half covered it is still proven, and told where the whole would lie")
  func covered() throws {
    let example = Drawing(200, 160, seed: 1, dots: 400)
    let hand = Drawing(100, 160) { _, _ in 90 }
    let scene = Drawing(400, 300, seed: 2).with(example, x: 100, y: 70).with(hand, x: 200, y: 70)
    let (inliers, quad) = try quad(features(example), features(scene))
    #expect(inliers >= 15)
    #expect(abs((quad?.box.right ?? 0) * 400 - 300) < 4)
  }

  @Test("a picture without texture has no features, and proves nothing")
  func flat() throws {
    let flat = try features(Drawing(200, 200) { _, _ in 128 })
    #expect(flat.count == 0)
    #expect(try engine.align(flat, in: features(Drawing(200, 200, seed: 3))) == .none)
    #expect(try engine.align(features(Drawing(200, 200, seed: 3)), in: flat) == .none)
  }

  @Test("other pictures do not prove each other", arguments: 1...12)
  func others(_ seed: UInt64) throws {
    let (inliers, quad) = try quad(
      features(Drawing(300, 300, seed: seed)), features(Drawing(400, 300, seed: seed + 100)))
    #expect(quad == nil || inliers < 12)
  }

  @Test("patterns that repeat, as shelves and tiles do, prove no place of one tile")
  func pattern() throws {
    let tile = Drawing(40, 40, seed: 5, dots: 20)
    let wall = Drawing(400, 320) { x, y in tile[x % 40, y % 40] }
    let (inliers, quad) = try quad(features(tile), features(wall))
    #expect(quad == nil || inliers < 15)
  }

  @Test("pictures of one pixel, of one row, and the longest that are taken do no harm")
  func sizes() throws {
    for size in [Size(width: 1, height: 1), Size(width: 300, height: 1), Size(width: 2, height: 500)] {
      let found = try engine.detect([UInt8](repeating: 9, count: size.area), size: size, most: 100)
      #expect(found.count == 0 && found.size == size)
    }
    #expect(throws: Fault.self) {
      try engine.detect([UInt8](repeating: 0, count: 9000), size: Size(width: 9000, height: 1), most: 10)
    }
  }

  @Test("no more features than were asked for, and the same every time")
  func same() throws {
    let drawing = Drawing(400, 300, seed: 9, dots: 900)
    let first = try features(drawing, most: 50)
    #expect(first.count == 50)
    #expect(try features(drawing, most: 50) == first)
    let other = try features(Drawing(300, 300, seed: 9))
    #expect(try engine.align(first, in: other) == engine.align(first, in: other))
  }

  @Test("from many threads the answers are those of one")
  func threads() async throws {
    let (example, scene) = (
      Drawing(160, 120, seed: 1), Drawing(400, 300, seed: 2).with(Drawing(160, 120, seed: 1), x: 9, y: 9)
    )
    let alone = try engine.align(features(example), in: features(scene))
    try await withThrowingTaskGroup(of: Alignment.self) { group in
      for _ in 0..<8 { group.addTask { try engine.align(features(example), in: features(scene)) } }
      for try await alignment in group { #expect(alignment == alone) }
    }
  }
}

@Suite("Features without the library")
struct NoFeatureTests {
  @Test("without the library embeddings decide, and a sentence says so and what to do")
  func absent() throws {
    let engine = FeatureEngine(folders: ["/nowhere"])
    #expect(!engine.isThere && engine.installedVersion == nil)
    #expect(engine.note?.contains("embeddings alone") == true && engine.note?.contains("./bootstrap") == true)
    #expect(throws: Fault.self) { try engine.detect([0], size: Size(width: 1, height: 1), most: 10) }
  }

  @Test("what stands there and is no library is refused with its name")
  func broken() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(Array("no library".utf8), to: folder.path + "/libridley-features.so.1")
    let note = FeatureEngine(folders: [folder.path]).note
    #expect(note?.contains("libridley-features.so.1") == true && note?.contains(folder.path) == false)
  }

  @Test("a catalogue is kept in its folder, and a damaged one is named by its path")
  func store() throws {
    let folder = TemporaryFolder()
    let store = CatalogueStore(folder.path + "/shelf")
    #expect(throws: Fault.self) { try store.read() }
    try store.update { (catalogue) throws(Fault) in
      var made = Catalogue(model: "m@sha256:0")
      try made.add([Catalogue.Example(digest: "1", name: "a.png", embedding: [1, 0])], to: "a")
      catalogue = made
    }
    #expect(try store.read().products.map(\.id) == ["a"])
    let path = store.folder + "/" + CatalogueFile.name
    var bytes = try FileSystem.read(path)
    bytes[30] ^= 1
    try FileSystem.write(bytes, to: path)
    let fault = #expect(throws: Fault.self) { try store.read() }
    #expect(fault?.message.contains(path) == true && fault?.message.contains("damaged") == true)
  }
}
