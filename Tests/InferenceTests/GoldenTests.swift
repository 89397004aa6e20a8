import Base
import Inference
import TestKit
import Testing

@Suite(.enabled(if: TestData.isThere, "\(TestData.whyNot)"))
struct GoldenTests {
  static let refused = ["center.tflite"]

  /// Networks that are quantised inside, also where they take and give floats.
  static func isQuantised(_ golden: GoldenCase) -> Bool { golden.isQuantised || golden.model.contains("int8") }

  @Test(
    "Float networks answer like their reference runtime, within a thousandth of the output's range",
    arguments: GoldenCase.all.filter { !isQuantised($0) && !refused.contains("\($0)") })
  func floatNetworks(_ golden: GoldenCase) throws {
    let engine = try Engine(cacheFolder: nil)
    let answer = try infer(try InferenceUnit(try compile(golden, on: engine)), bytes(of: golden))
    for (name, expected) in golden.outputs {
      let found = try #require(answer.values(named: name), "there is no output '\(name)' among \(answer.specs)")
      try #require(found.count == expected.count)
      let range = expected.max()! - expected.min()!
      let worst = zip(found, expected).map { abs($0 - $1) }.max()!
      #expect(worst <= 1e-3 * range, "\(name) is off by \(worst), its range is \(range)")
    }
  }

  @Test(
    "Quantised networks answer like their reference runtime in the largest value",
    arguments: GoldenCase.all.filter {
      isQuantised($0) && $0.outputs.count == 1 && !refused.contains("\($0)") && !$0.model.contains("deeplab")
        && !$0.model.contains("movenet")
    })
  func quantisedNetworks(_ golden: GoldenCase) throws {
    let engine = try Engine(cacheFolder: nil)
    let answer = try infer(try InferenceUnit(try compile(golden, on: engine)), bytes(of: golden))
    let (name, expected) = golden.outputs.first!
    let found = try #require(answer.values(named: name))
    try #require(found.count == expected.count)
    // Where several values share the reference's maximum, ours must be one of them.
    let best = found.indices.max { found[$0] < found[$1] }!
    #expect(expected[best] == expected.max()!)
  }

  @Test(
    "The quantised segmentation marks the same pixels as its reference runtime, by intersection over union of each class"
  )
  func segmentation() throws {
    let golden = try #require(GoldenCase.all.first { $0.model.contains("deeplab") })
    let engine = try Engine(cacheFolder: nil)
    let found = try infer(try InferenceUnit(try compile(golden, on: engine)), bytes(of: golden)).values[0]
    let expected = golden.outputs.first!.value
    let bird: Float = 3
    let both = zip(found, expected).filter { $0 == bird && $1 == bird }.count
    let either = zip(found, expected).filter { $0 == bird || $1 == bird }.count
    #expect(Double(both) / Double(either) >= 0.9)
  }

  @Test("The quantised detector finds the same objects in the same places as its reference runtime")
  func detection() throws {
    let golden = try #require(GoldenCase.all.first { $0.model.contains("ssd_mobilenet") })
    let engine = try Engine(cacheFolder: nil)
    let answer = try infer(try InferenceUnit(try compile(golden, on: engine)), bytes(of: golden))
    #expect(Set(answer.specs.map(\.name)) == Set(golden.outputs.keys))
    func rows(_ values: (String) throws -> [Float]) rethrows -> [(box: ArraySlice<Float>, label: Float, score: Float)] {
      let name = "TFLite_Detection_PostProcess"
      let (boxes, labels, scores) = (try values(name), try values(name + ":1"), try values(name + ":2"))
      return scores.indices.map { (boxes[$0 * 4..<$0 * 4 + 4], labels[$0], scores[$0]) }
    }
    var found = try rows { try #require(answer.values(named: $0)) }
    #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
    // Scores count in 1/256 and many are equal, so the order of neighbours may differ: each must have its like.
    for wanted in rows({ golden.outputs[$0]! }) {
      let like = found.firstIndex { row in
        row.label == wanted.label && abs(row.score - wanted.score) <= 4 / 256
          && zip(row.box, wanted.box).allSatisfy { abs($0 - $1) <= 0.01 }
      }
      #expect(like != nil, "\(wanted) is not among \(found)")
      if let like { found.remove(at: like) }
    }
  }

  @Test("The quantised pose stands where its reference runtime sees it")
  func pose() throws {
    let golden = try #require(GoldenCase.all.first { $0.model.contains("movenet") })
    let engine = try Engine(cacheFolder: nil)
    let found = try infer(try InferenceUnit(try compile(golden, on: engine)), bytes(of: golden)).values[0]
    let expected = golden.outputs.first!.value
    for point in 0..<17 {
      #expect(abs(found[point * 3] - expected[point * 3]) < 0.03)
      #expect(abs(found[point * 3 + 1] - expected[point * 3 + 1]) < 0.03)
    }
  }

  @Test("The saliency network without its text input answers like the original")
  func saliency() throws {
    let golden = try #require(GoldenCase.all.first { $0.model.contains("attention-center") })
    let engine = try Engine(cacheFolder: nil)
    let network = try compile(golden, model: "_converted/attention_center.xml", on: engine)
    let found = try infer(try InferenceUnit(network), bytes(of: golden)).values[0]
    for (value, expected) in zip(found, golden.outputs.first!.value) { #expect(abs(value - expected) < 1) }
  }
}
