import Base
import Predictions
import Testing
import Vision

/// MediaPipe's detectors.
///
/// The numbers that are expected were computed apart from this program.
@Suite("MediaPipe's detectors")
struct MediaPipeTests {
  private let network = Size(width: 40, height: 24)

  /// 40x24: 15 cells of stride 8 with two anchors, six of stride 16 with six.
  private func planted(_ logits: [Int: Float], _ rows: [Int: [Float]]) -> Tensors {
    var tensors = Tensors([1, 66, 8], name: "regressors")
    tensors.add("classificators", [1, 66, 1], [Float](repeating: -20, count: 66))
    for (row, value) in logits { tensors.values[1][row] = value }
    for (row, values) in rows { tensors.values[0].replaceSubrange(row * 8..<row * 8 + 8, with: values) }
    return tensors
  }

  /// Two anchors of cell 2,1 of stride 16 that tell of one thing.
  private var twice: Tensors {
    planted([64: 2, 65: 1], [64: [-3, -2, 12, 10, 1, -1, -2, 3], 65: [-2, -2, 12, 10, 2, -1, -2, 4]])
  }

  @Test("boxes and points count from the middle of cells that share the input, and doubles become their weighted mean")
  func merged() throws {
    var turned = twice
    (turned.specs, turned.values) = (turned.specs.reversed(), turned.values.reversed())
    for tensors in [twice, turned] {
      let found = try decode(recipe(.mediapipe) { ($0.threshold, $0.iou) = (0.5, 0.3) }, tensors, on: network)
      try #require(found.count == 1)
      #expect(near(Double(found[0].score!), 0.880797, 1e-6))
      #expect(near(found[0].box, [24.78688, 11, 36.78688, 21], of: network))
      #expect(found[0].points.map(\.name) == ["point-1", "point-2"])
      #expect(near(found[0].points[0].x * 40, 34.78688, 1e-4) && near(found[0].points[0].y * 24, 17, 1e-4))
      #expect(near(found[0].points[1].x * 40, 31.33333, 1e-4) && near(found[0].points[1].y * 24, 21.45355, 1e-4))
    }
  }

  @Test("boxes that overlap less are apart, and points are named as is said")
  func apart() throws {
    let far = planted([64: 2, 65: 1], [64: [-3, -2, 12, 10, 1, -1, -2, 3], 65: [-17, -2, 12, 10, 2, -1, -2, 4]])
    let said = recipe(.mediapipe) { ($0.threshold, $0.points) = (0.5, ["a", "b"]) }
    let found = try decode(said, far, on: network)
    #expect(found.count == 2 && found.allSatisfy { $0.points.map(\.name) == ["a", "b"] })
    #expect(near(found[0].box, [24.33333, 11, 36.33333, 21], of: network))
  }

  @Test("scores that are probabilities already are told, and read as such where it is said")
  func scores() throws {
    var tensors = twice
    tensors.values[1] = tensors.values[1].map { $0 == 2 ? 0.880797 : $0 == 1 ? 0.7310586 : 0 }
    let fault = #expect(throws: Fault.self) { try decode(recipe(.mediapipe), tensors, on: network) }
    #expect(fault?.message.contains("activation none") == true)
    let said = recipe(.mediapipe) { ($0.threshold, $0.activation) = (0.5, OutputRecipe.Activation.none) }
    #expect(near(try decode(said, tensors, on: network)[0].box, [24.78688, 11, 36.78688, 21], of: network))
  }

  /// Side, anchors, numbers of each; what the numbers of the picture are divided by, and a point.
  static let known: [(Int, Int, Int, Float, String)] = [
    (128, 896, 16, 127.5, "mouth"), (256, 896, 16, 127.5, "left-ear"), (192, 2304, 16, 127.5, "nose"),
    (192, 2016, 18, 255, "wrist"), (256, 2944, 18, 127.5, "thumb-mcp"), (224, 2254, 12, 127.5, "hips"),
  ]

  @Test("its own networks are known by their anchors, and take their pictures as they do", arguments: known)
  func guessed(side: Int, rows: Int, width: Int, scale: Float, point: String) throws {
    let input = TensorSpec(name: "input", shape: [1, side, side, 3], element: .f32)
    var tensors = Tensors([1, rows, width], name: "Identity")
    tensors.add("Identity_1", [1, rows, 1], [Float](repeating: -20, count: rows))
    let guess = try #require(Guess.make(inputs: [input], outputs: tensors.specs, labels: 0))
    #expect(guess.output.decoder == .mediapipe && guess.input?.scale == [scale] && guess.input?.pad == 0)
    #expect(guess.input?.mean == (scale == 255 ? [] : [127.5]) && guess.input?.resize == .letterbox)
    tensors.values[1][7] = 3
    tensors.values[0].replaceSubrange(7 * width + 2..<7 * width + 4, with: [20, 20])
    let size = Size(width: side, height: side)
    let found = try decode(recipe(.mediapipe) { $0.threshold = 0.5 }, tensors, on: size)
    #expect(found.count == 1 && found[0].points.contains { $0.name == point })
  }

  @Test("as many anchors of another input, or other numbers, are no guess")
  func unknown() {
    for (side, rows, width) in [(160, 896, 16), (128, 897, 16), (128, 896, 18), (192, 2016, 16)] {
      let input = TensorSpec(name: "input", shape: [1, side, side, 3], element: .f32)
      let outputs = [width, 1].map { (numbers: Int) in
        TensorSpec(name: "out\(numbers)", shape: [1, rows, numbers], element: .f32)
      }
      #expect(Guess.make(inputs: [input], outputs: outputs, labels: 0) == nil)
    }
  }
}
