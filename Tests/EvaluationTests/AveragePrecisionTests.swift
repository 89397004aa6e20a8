import Base
import Evaluation
import Foundation
import TestKit
import Testing

/// COCO's figures, beside those of pycocotools and beside what can be worked out by hand.
struct AveragePrecisionTests {
  private static let python = Checkout.path + "/.deps/exports/bin/python"
  private static let isThere = FileManager.default.fileExists(atPath: python)

  /// Pictures with objects of all sizes, crowds, answers that are near, doubled, of equal scores, wrong and many.
  private func samples(_ seed: UInt64, categories: Int) -> [DetectionSample] {
    var random = SeededRandom(seed)
    return (0..<60).map { number in
      var objects: [DetectionSample.Object] = []
      var found: [DetectionSample.Found] = []
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let side = [12.0, 40, 90, 200].randomElement(using: &random)!
        let box = Rect(
          x: .random(in: 0...400, using: &random), y: .random(in: 0...300, using: &random),
          width: side * .random(in: 0.7...1.4, using: &random), height: side * .random(in: 0.7...1.4, using: &random))
        let category = Int.random(in: 0..<categories, using: &random)
        // A mask's area is less than its box's.
        let area = box.area * .random(in: 0.5...1, using: &random)
        objects.append(
          .init(category: category, box: box, area: area, isCrowd: Int.random(in: 0..<9, using: &random) == 0))
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          let off = { (random: inout SeededRandom) in side * Double.random(in: -0.15...0.15, using: &random) }
          let near = Rect(
            x: box.x + off(&random), y: box.y + off(&random), width: max(1, box.width + off(&random)),
            height: max(1, box.height + off(&random)))
          let said =
            Int.random(in: 0..<8, using: &random) == 0 ? Int.random(in: 0..<categories, using: &random) : category
          found.append(.init(category: said, box: near, score: Double(Int.random(in: 1...50, using: &random)) / 50))
        }
      }
      for _ in 0..<(number == 7 ? 130 : Int.random(in: 0...5, using: &random)) {
        let box = Rect(
          x: .random(in: 0...400, using: &random), y: .random(in: 0...300, using: &random),
          width: .random(in: 5...150, using: &random), height: .random(in: 5...150, using: &random))
        found.append(
          .init(category: Int.random(in: 0..<2, using: &random), box: box, score: .random(in: 0...1, using: &random)))
      }
      return DetectionSample(objects: objects, found: found)
    }
  }

  /// As COCO has them, with annotations from 1: pycocotools takes an object with the id 0 for none.
  private func write(_ samples: [DetectionSample], _ categories: Int, _ folder: TemporaryFolder) throws {
    var (annotations, results): ([[String: Any]], [[String: Any]]) = ([], [])
    for (image, sample) in samples.enumerated() {
      for object in sample.objects {
        annotations.append([
          "id": annotations.count + 1, "image_id": image + 1, "category_id": object.category + 1,
          "bbox": [object.box.x, object.box.y, object.box.width, object.box.height], "area": object.area,
          "iscrowd": object.isCrowd ? 1 : 0,
        ])
      }
      for found in sample.found {
        results.append([
          "image_id": image + 1, "category_id": found.category + 1, "score": found.score,
          "bbox": [found.box.x, found.box.y, found.box.width, found.box.height],
        ])
      }
    }
    let truth: [String: Any] = [
      "info": [:], "images": samples.indices.map { ["id": $0 + 1, "file_name": "\($0).jpg"] },
      "annotations": annotations, "categories": (1...categories).map { ["id": $0, "name": "c\($0)"] },
    ]
    for (name, value) in [("truth", truth as Any), ("found", results as Any)] {
      try JSONSerialization.data(withJSONObject: value).write(to: URL(filePath: folder.file("\(name).json")))
    }
  }

  @Test(
    "The twelve figures, and AP by category, are those of pycocotools",
    .enabled(if: isThere, "pycocotools is not here: ./bootstrap fetches it"), arguments: [1, 2, 3] as [UInt64])
  func reference(_ seed: UInt64) throws {
    let folder = TemporaryFolder()
    // The last category has answers and no object.
    let samples = samples(seed, categories: 4)
    try write(samples, 5, folder)
    let told = shell([
      Self.python, "-B", Checkout.path + "/Tests/EvaluationTests/coco_reference.py", folder.file("truth.json"),
      folder.file("found.json"),
    ])
    #expect(told.status == 0, "\(told.errors.suffix(2000))")
    let stats = try #require(told.json["stats"] as? [Double])
    let categories = try #require(told.json["categories"] as? [Double])
    let own = AveragePrecision(samples, categories: 5)
    for ((name, value), expected) in zip(own.figures, stats) {
      #expect(abs((value ?? -1) - expected) < 1e-9, "\(name): \(value ?? -1), pycocotools has \(expected)")
    }
    for (place, expected) in categories.enumerated() {
      #expect(abs((own.categories[place]?.ap ?? -1) - expected) < 1e-9, "category \(place)")
    }
    #expect((own.ap ?? 0) > 0.1 && (own.ap ?? 1) < 0.9, "a case that says something: \(own.ap ?? -1)")
  }

  private func object(_ x: Double, crowd: Bool = false, ignored: Bool = false) -> DetectionSample.Object {
    .init(category: 0, box: Rect(x: x, y: 0, width: 100, height: 100), area: 10_000, isCrowd: crowd, isIgnored: ignored)
  }

  private func found(_ x: Double, _ score: Double) -> DetectionSample.Found {
    .init(category: 0, box: Rect(x: x, y: 0, width: 100, height: 100), score: score)
  }

  @Test("Perfect answers have 1, none have 0, and where there is nothing to find nothing is said")
  func ends() {
    let truth = [object(0), object(300)]
    let perfect = DetectionSample(objects: truth, found: [found(0, 0.9), found(300, 0.4)])
    #expect(AveragePrecision([perfect], categories: 1).ap == 1)
    let blind = AveragePrecision([DetectionSample(objects: truth, found: [])], categories: 1)
    #expect(blind.ap == 0 && blind.recall100 == 0)
    let nothing = AveragePrecision([DetectionSample(objects: [], found: [found(0, 0.9)])], categories: 1)
    #expect(nothing.ap == nil && nothing.categories == [nil])
    #expect(perfect.objects.count == 2 && AveragePrecision([perfect], categories: 1).small == nil)
  }

  @Test("A wrong answer before the right ones, and one on a picture without objects, cost what can be worked out")
  func byHand() {
    // Answers by score: wrong, right, right. Precision is 2/3 at best up to a recall of 1.
    let first = DetectionSample(objects: [object(0), object(300)], found: [found(0, 0.8), found(300, 0.7)])
    let empty = DetectionSample(objects: [], found: [found(500, 0.9)])
    let ap = AveragePrecision([first, empty], categories: 1).ap
    #expect(abs((ap ?? 0) - 2.0 / 3) < 1e-12)
    // Half of the objects, all answers right: 51 of 101 recalls are reached.
    let half = AveragePrecision([DetectionSample(objects: first.objects, found: [found(0, 0.8)])], categories: 1)
    #expect(abs((half.ap ?? 0) - 51.0 / 101) < 1e-12 && half.recall100 == 0.5)
  }

  @Test("What is found in a crowd, or need not be found, is neither right nor wrong")
  func spared() {
    var many = object(300, crowd: true)
    many.box.width = 200
    let crowd = DetectionSample(
      objects: [object(0), many], found: [found(0, 0.5), found(310, 0.9), found(320, 0.8)])
    #expect(AveragePrecision([crowd], categories: 1).ap == 1)
    let ignored = DetectionSample(
      objects: [object(0), object(300, ignored: true)], found: [found(0, 0.5), found(300, 0.9)])
    #expect(AveragePrecision([ignored], categories: 1).ap == 1)
    // One that need not be found takes one answer; a second one is wrong.
    let doubled = DetectionSample(
      objects: [object(0), object(300, ignored: true)], found: [found(0, 0.5), found(300, 0.9), found(300, 0.8)])
    #expect(abs((AveragePrecision([doubled], categories: 1).ap ?? 0) - 0.5) < 1e-12)
    let report = DetectionReport([crowd], labels: ["thing"], threshold: 0.3)
    #expect(report.byLabel[0].right == 1 && report.byLabel[0].wrong == 0 && report.byLabel[0].missed == 0)
    #expect(report.confusion.confusions.isEmpty)
  }
}
