import Base
import Predictions
import Testing
import Vision

/// Scores and maps of networks as anomalib exports them.
struct AnomalyTests {
  private let size = Size(width: 40, height: 40)
  /// One place of a map that stands out, at column 30 of row 10.
  private var map: [Float] { (0..<1600).map { $0 == 10 * 40 + 30 ? 0.9 : 0.2 } }

  /// As an export since version 2 gives them, by hand.
  private func newer(_ score: Float, _ map: [Float]) -> Tensors {
    var tensors = Tensors([1], [score], name: "pred_score")
    tensors.add("pred_label", [1, 1], [1], .bool)
    tensors.add("anomaly_map", [1, 1, 40, 40], map)
    tensors.add("pred_mask", [1, 1, 40, 40], nil, .bool)
    return tensors
  }

  private func said(_ change: (inout OutputRecipe) -> Void = { _ in }) -> Recipe {
    recipe(.anomaly) {
      $0.threshold = 0.5
      change(&$0)
    }
  }

  @Test(
    "Outputs named as anomalib's are a score, its label, the peak and a map in which a small defect has not vanished")
  func named() throws {
    let found = try decode(said(), newer(0.8, map), on: size)
    #expect(found.count == 1 && found[0].kind == .anomaly && found[0].label == "anomaly" && found[0].score == 0.8)
    let peak = try #require(found[0].points.first)
    #expect(peak.name == "peak" && near(peak.x, 30.5 / 40) && near(peak.y, 10.5 / 40) && peak.score == 0.9)
    let kept = try #require(found[0].anomaly)
    #expect(kept.size == Size(width: 27, height: 27) && kept.cells.max() == 230 && kept.cells.min() == 51)
    let place = try #require(kept.cells.firstIndex(of: 230))
    #expect(place % 27 == 20 && (6...7).contains(place / 27))
    #expect(try decode(said(), newer(0.49, map), on: size)[0].label == "good")
  }

  @Test("A map alone, of any range, is brought to 0 to 1 about its cut; its greatest is the score")
  func older() throws {
    let raw = Tensors([1, 1, 40, 40], map.map { $0 * 100 }, name: "output")
    let found = try decode(said { ($0.range, $0.cut, $0.mapCut) = ([10, 110], 60, 70) }, raw, on: size)
    #expect(near(Double(found[0].score ?? 0), (90 - 70) / 100 + 0.5) && found[0].label == "anomaly")
    let same = try decode(said { ($0.range, $0.cut) = ([10, 110], 95) }, raw, on: size)
    #expect(near(Double(same[0].score ?? 0), 0.45) && same[0].label == "good")
    let single = Tensors([1], [400], name: "output")
    #expect(try decode(said { ($0.range, $0.cut) = ([10, 110], 60) }, single)[0].score == 1)
  }

  @Test("What is not told is asked for: numbers of an unknown range, several maps, labels, no numbers, scores beyond 1")
  func refused() throws {
    func message(_ recipe: Recipe, _ tensors: Tensors) -> String {
      #expect(throws: Fault.self) { try decode(recipe, tensors, on: size) }?.message ?? ""
    }
    let raw = Tensors([1, 1, 40, 40], map, name: "output")
    #expect(message(said(), raw).contains("metadata: metadata.json"))
    #expect(message(said(), newer(31, map)).contains("exported without normalisation"))
    #expect(message(said(), newer(.nan, map)).contains("infinite or none"))
    var two = raw
    two.add("other", [1, 1, 40, 40])
    #expect(message(said { ($0.range, $0.cut) = ([0, 1], 0.5) }, two).contains("say which is meant, as map: NAME"))
    #expect(message(said(), Tensors([1, 7], name: "scores")).contains("none of its outputs is one number or one map"))
    var labelled = said()
    labelled.labels = ["ok", "nok"]
    #expect(message(labelled, newer(0.5, map)).contains("take the labels away"))
  }

  @Test("Under a letterbox the padding is no part of the map; of a cropped picture the box says what was seen")
  func placed() throws {
    let picture = Size(width: 80, height: 40)
    let flat = try decode(
      said(), newer(0.8, map), on: size, at: Placement(picture: picture, network: size, recipe: letterbox()))
    // Row 10 is the first under the picture.
    #expect(near(flat[0].points.first?.y ?? 0, 0.5 / 20) && flat[0].anomaly != nil)
    let cut = try decode(
      said(), newer(0.8, map), on: size, at: Placement(picture: picture, network: size, recipe: crop()))
    #expect(
      cut[0].anomaly != nil && near(cut[0].box, [0.25, 0, 0.75, 1]) && flat[0].box == nil
        && near(cut[0].points.first?.x ?? 0, (20 + 30.5) / 80))
  }

  @Test("Networks named as anomalib's are guessed, and take 0 to 1")
  func guessed() throws {
    let input = TensorSpec(name: "input", shape: [1, 3, 40, 40], element: .f32)
    let guess = try #require(Guess.make(inputs: [input], outputs: newer(0, map).specs, labels: 0))
    #expect(guess.task == .anomaly && guess.output.threshold == 0.5 && guess.input?.scale == [255])
  }

  @Test("A mean in time forgets by seconds, not by frames, and its label has hysteresis")
  func means() throws {
    func after(_ rate: Double) throws -> Float {
      var means = AnomalyMeans(over: 1, on: 0.5, off: 0.3)
      var answer = Prediction(kind: .anomaly, label: "good", score: 0)
      means.smooth(&answer, by: nil, at: 0)
      for frame in 1...Int(rate) {
        answer = Prediction(kind: .anomaly, label: "anomaly", score: 1)
        means.smooth(&answer, by: nil, at: Double(frame) / rate)
      }
      return try #require(answer.score)
    }
    let (slow, quick) = (Double(try after(5)), Double(try after(50)))
    #expect(near(slow, quick, 1e-4) && near(slow, 0.632, 1e-3))
    var (means, labels) = (AnomalyMeans(over: 0.001, on: 0.5, off: 0.3), [String]())
    for (frame, score) in [0.4, 0.6, 0.4, 0.2, 0.4].enumerated() {
      var answer = Prediction(kind: .anomaly, label: "good", score: Float(score))
      means.smooth(&answer, by: 7, at: Double(frame))
      labels.append(answer.label ?? "")
    }
    #expect(labels == ["good", "anomaly", "anomaly", "good", "good"])
  }

  @Test("Maps are smoothed cell by cell, and one of another size begins anew")
  func maps() throws {
    var means = AnomalyMeans(over: 1, on: 0.5, off: 0.5)
    func shown(_ cells: [UInt8], _ columns: Int, _ time: Double) throws -> [UInt8] {
      var answer = Prediction(kind: .anomaly, label: "good", score: 0)
      let map = try #require(AnomalyMap(size: Size(width: columns, height: cells.count / columns), cells: cells))
      answer.setAnomaly(map, named: "m", range: 0...1, mean: 0)
      means.smooth(&answer, by: nil, at: time)
      return try #require(answer.anomaly).cells
    }
    #expect(try shown([0, 100, 200, 0], 2, 0) == [0, 100, 200, 0])
    #expect(try shown([255, 100, 0, 0], 2, 1) == [161, 100, 74, 0])
    #expect(try shown([1, 2, 3, 4], 4, 2) == [1, 2, 3, 4])
  }
}
