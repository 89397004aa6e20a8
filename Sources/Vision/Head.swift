public import Base
public import Predictions

/// Turns what a network answered about one picture into predictions.
///
/// Made once a model, from its recipe and its output specs; used for every picture, from any thread.
public struct Head: Sendable {
  private let decoder: any Decoder

  /// From a recipe, the outputs as the network's file describes them, and the size of its input in pixels.
  ///
  /// Throws `badInput` where outputs and recipe do not fit, saying what was expected.
  public init(_ recipe: Recipe, outputs: [TensorSpec], network: Size) throws(Fault) {
    let plan = DecoderPlan(recipe: recipe, outputs: outputs, network: network)
    decoder =
      switch recipe.output.decoder {
      case .classes: try ClassDecoder(plan)
      case .yolox: try YOLOXDecoder(plan)
      case .yolov5: try YOLOv5Decoder(plan)
      case .yolov8: try YOLOv8Decoder(plan)
      case .boxes: try BoxDecoder(plan)
      case .ssd: try SSDDecoder(plan)
      case .yunet: try YuNetDecoder(plan)
      case .finished:
        if let parts = PostProcessedParts.Places(outputs, scores: recipe.output.scores) {
          try PostProcessedParts(plan, parts)
        } else {
          try PostProcessedDecoder(plan)
        }
      case .mask: try MaskDecoder(plan)
      case .heatmap: try HeatmapDecoder(plan)
      case .point: try PointDecoder(plan)
      case .keypoints: try KeypointDecoder(plan)
      case .number: try NumberDecoder(plan)
      case .vector: try VectorDecoder(plan)
      case .ctc: try TextDecoder(plan)
      case .raw: TensorDecoder()
      }
  }

  /// Predictions in the order of their scores, coordinates in fractions of the picture.
  public func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction] {
    decoder.decode(outputs, at: placement)
  }
}

/// The arithmetic of one family of networks.
protocol Decoder: Sendable {
  func decode(_ outputs: some OutputTensors, at placement: Placement) -> [Prediction]
}

/// What a decoder is made from, and the checks they share.
struct DecoderPlan {
  let recipe: Recipe
  let outputs: [TensorSpec]
  let network: Size

  var output: OutputRecipe { recipe.output }

  /// The index of the output with the name, or of the first one.
  func index(named name: String?, otherwise fallback: Int = 0) throws(Fault) -> Int {
    guard let name else {
      guard fallback < outputs.count else {
        throw mismatch(
          "it has \(outputs.count) output(s), and decoder '\(output.decoder.rawValue)' needs \(fallback + 1)")
      }
      return fallback
    }
    guard let found = outputs.firstIndex(where: { $0.name == name }) else {
      let names = outputs.map(\.name)
      throw mismatch(
        "there is no output '\(name)'\(Suggestion.hint(for: name, among: names)); it has \(names.joined(separator: ", "))"
      )
    }
    return found
  }

  /// Cells of the level with the stride: sides that are no multiple are padded by the network, so they round up.
  func cells(stride: Int) -> Size {
    Size(width: (network.width + stride - 1) / stride, height: (network.height + stride - 1) / stride)
  }

  func mismatch(_ why: String) -> Fault { Fault(.badInput, "the network does not fit its recipe: \(why)") }

  /// Refuses a labels list that is shorter or longer than the classes the network knows.
  func checkLabels(classes: Int) throws(Fault) {
    let count = recipe.labels.count
    guard count == 0 || count == classes else {
      throw mismatch("it tells \(classes) classes apart, and there are \(count) labels")
    }
  }
}

extension Recipe {
  /// The label of a class, or `class 7` where the labels do not name it.
  func label(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : "class \(index)" }
}

/// Elements of the last `rank` dimensions and nothing else: leading ones are dropped, as batches of one input.
func innerShape(_ spec: TensorSpec, rank: Int) -> [Int?]? {
  guard spec.shape.count >= rank else { return nil }
  let outer = spec.shape.dropLast(rank)
  guard outer.allSatisfy({ $0 == nil || $0 == 1 }) else { return nil }
  return Array(spec.shape.suffix(rank))
}
