import Base
import Foundation
import Predictions
import TestKit
import Testing

@testable import Drift

/// What is counted, and how far counts are apart.
struct SketchTests {
  /// Pictures with any number of labels, some of them odd.
  private func pictures(_ number: Int, labels: Int, _ random: inout SeededRandom) -> [[Prediction]] {
    (0..<number).map { _ in
      (0..<Int.random(in: 0...9, using: &random)).map { _ in
        let label: String? =
          switch Int.random(in: 0..<20, using: &random) {
          case 0: nil
          case 1: String(repeating: "x", count: 200)
          default: "label \(Int.random(in: 0..<labels, using: &random))"
          }
        let score: Float? = [nil, .nan, .infinity, -3, 0, 0.5, 1, 7].randomElement(using: &random)!
        let side = Double.random(in: 0...1, using: &random)
        return Prediction(
          kind: .detection, label: label, score: score, box: Rect(x: 0, y: 0, width: side, height: side))
      }
    }
  }

  private func sketch(_ pictures: some Sequence<[Prediction]>) -> DriftSketch {
    var sketch = DriftSketch()
    for one in pictures {
      let value = Double(one.count) / 9
      sketch.add(one, countsObjects: true)
      sketch.add(PictureStatistics(brightness: value, contrast: value / 2, saturation: .nan, sharpness: value))
    }
    return sketch
  }

  @Test(
    "However pictures are cut, and in whatever order the parts are added, the sum is the whole",
    arguments: [3, 100, 400])
  func merging(labels: Int) {
    var random = SeededRandom(UInt64(labels))
    for _ in 0..<20 {
      let all = pictures(120, labels: labels, &random)
      let whole = sketch(all)
      var parts: [DriftSketch] = []
      var place = 0
      while place < all.count {
        let end = min(all.count, place + Int.random(in: 1...40, using: &random))
        parts.append(sketch(all[place..<end]))
        place = end
      }
      parts.shuffle(using: &random)
      var sum = DriftSketch()
      for part in parts { sum.add(part) }
      #expect(sum == whole)
      #expect((whole.counts[.labels]?.labels.count ?? 0) <= DriftCounts.mostLabels)
      #expect(whole.evidence(of: .labels) == all.reduce(0) { $0 + $1.count })
      #expect(whole.evidence(of: .scores) == whole.evidence(of: .labels))
      #expect(whole.evidence(of: .objects) == all.count && whole.evidence(of: .saturation) == all.count)
      // What is taken away again leaves the rest.
      var rest = whole
      rest.subtract(parts[0])
      var others = DriftSketch()
      for part in parts.dropFirst() { others.add(part) }
      for measure in DriftMeasure.allCases { #expect(rest.evidence(of: measure) == others.evidence(of: measure)) }
      if labels <= 100 { #expect(rest == others) }
    }
  }

  @Test("The index is never negative, never without end, 0 for the same, and the same both ways for the same groups")
  func index() {
    var random = SeededRandom(5)
    for _ in 0..<300 {
      let one = sketch(pictures(Int.random(in: 0...60, using: &random), labels: 30, &random))
      let two = sketch(
        pictures(Int.random(in: 0...60, using: &random), labels: Int.random(in: 1...60, using: &random), &random))
      for measure in DriftMeasure.allCases {
        let (a, b) = (one.counts[measure] ?? DriftCounts(), two.counts[measure] ?? DriftCounts())
        let index = StabilityIndex(a, b, measure)
        #expect(index.value >= 0 && index.value.isFinite && index.distance >= 0 && index.distance.isFinite)
        let same = StabilityIndex(a, a, measure)
        #expect(same.value == 0 && same.distance == 0)
        let groups = DriftGroups(a, measure)
        #expect(groups.counts(a).reduce(0, +) == a.total && groups.counts(b).reduce(0, +) == b.total)
        #expect(groups.groups.count <= 17)
        let there = StabilityIndex.index(groups.counts(a), groups.counts(b))
        #expect(abs(there - StabilityIndex.index(groups.counts(b), groups.counts(a))) < 1e-9)
      }
    }
  }

  @Test("The index is what the formula says")
  func formula() {
    // (30.5/101 − 60.5/101) ln(30.5/60.5) + (70.5/101 − 40.5/101) ln(70.5/40.5)
    let expected = (30.5 - 60.5) / 101 * log(30.5 / 60.5) + (70.5 - 40.5) / 101 * log(70.5 / 40.5)
    #expect(abs(StabilityIndex.index([60, 40], [30, 70]) - expected) < 1e-12)
    // A group that is empty on one side counts for more where there is more to conclude from.
    #expect(StabilityIndex.index([100, 0], [90, 10]) < StabilityIndex.index([10_000, 0], [9000, 1000]))
  }

  @Test("Values that are missing on one side, or on both, are a group like others")
  func missing() {
    func counts(_ numbers: Int, missing: Int) -> DriftCounts {
      var counts = DriftCounts()
      let scale = DriftMeasure.scores.scale!
      for place in 0..<numbers { counts.add(Double(place % 10) / 10, scale) }
      for _ in 0..<missing { counts.add(.nan, scale) }
      return counts
    }
    let (whole, none) = (counts(1000, missing: 0), counts(0, missing: 1000))
    for (old, new) in [(whole, none), (none, whole), (whole, counts(500, missing: 500))] {
      let index = StabilityIndex(old, new, .scores)
      #expect(index.value > 0.25 && index.value.isFinite && index.isFar(.scores))
    }
    #expect(StabilityIndex(none, none, .scores).value == 0)
    let few = StabilityIndex(whole, counts(980, missing: 20), .scores)
    #expect(!few.isFar(.scores))
  }

  @Test("Light that is steady to a thousandth and moves by a bin's width is far in its index, and no drift")
  func edge() {
    var (old, new) = (DriftSketch(), DriftSketch())
    for _ in 0..<1000 {
      old.add(PictureStatistics(brightness: 0.4999, contrast: 0, saturation: 0, sharpness: 0))
      new.add(PictureStatistics(brightness: 0.5001, contrast: 0, saturation: 0, sharpness: 0))
    }
    let index = StabilityIndex(old.counts[.brightness]!, new.counts[.brightness]!, .brightness)
    #expect(!index.isFar(.brightness))
  }

  @Test("What is kept is read again as it was, and anything else is a fault")
  func stored() throws {
    var random = SeededRandom(8)
    let sketch = sketch(pictures(300, labels: 200, &random))
    var watch = DriftWatch(DriftMeasure.allCases, DriftSettings(), since: 5)
    watch.blocks = [DriftReference.Block(from: 900, sketch: sketch)]
    var book = DriftBook(DriftSettings(), since: 5)
    book.pictures = watch
    let json = book.json(source: "rtsp://camera/")
    let again = try #require(try DriftBook(json, DriftSettings(), source: "rtsp://camera/"))
    #expect(again.pictures.blocks == watch.blocks)
    for place in stride(from: 0, to: json.count, by: 37) {
      _ = try? DriftBook(Array(json[..<place]), DriftSettings(), source: "rtsp://camera/")
      var wrong = json
      wrong[place] = UInt8(ascii: "9")
      _ = try? DriftBook(wrong, DriftSettings(), source: "rtsp://camera/")
    }
  }

  @Test("A picture's light, contrast, colour and sharpness are measured")
  func statistics() {
    let size = Size(width: 64, height: 48)
    func picture(_ pixel: (Int, Int) -> (UInt8, UInt8, UInt8)) -> PictureStatistics {
      var rgb: [UInt8] = []
      for y in 0..<size.height {
        for x in 0..<size.width {
          let (red, green, blue) = pixel(x, y)
          rgb += [red, green, blue]
        }
      }
      return PictureStatistics(rgb: rgb, size: size)
    }
    let black = picture { _, _ in (0, 0, 0) }
    #expect(black == PictureStatistics(brightness: 0, contrast: 0, saturation: 0, sharpness: 0))
    let white = picture { _, _ in (255, 255, 255) }
    #expect(white.brightness == 1 && white.contrast == 0 && white.saturation == 0 && white.sharpness == 0)
    let red = picture { _, _ in (255, 0, 0) }
    #expect(red.saturation == 1 && abs(red.brightness - 0.3) < 0.01)
    let board = picture { x, y in (x + y) % 2 == 0 ? (255, 255, 255) : (0, 0, 0) }
    #expect(board.sharpness == 1 && abs(board.contrast - 0.5) < 0.01 && abs(board.brightness - 0.5) < 0.01)
    let ramp = picture { x, _ in (UInt8(x * 4), UInt8(x * 4), UInt8(x * 4)) }
    #expect(ramp.sharpness < 0.001 && ramp.contrast > 0.2)
    #expect(PictureStatistics.size(of: Size(width: 1920, height: 1080)) == Size(width: 320, height: 180))
    #expect(PictureStatistics.size(of: Size(width: 1, height: 4000)) == Size(width: 1, height: 320))
  }
}
