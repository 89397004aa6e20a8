package import Base
public import Predictions

extension OutputRecipe.Decoder {
  /// Who reads it: the one line a decoder has outside its own file, beside its name.
  var type: any Decoder.Type {
    switch self {
    case .classes: ClassDecoder.self
    case .yolox: YOLOXDecoder.self
    case .yolov5: YOLOv5Decoder.self
    case .yolov8: YOLOv8Decoder.self
    case .boxes: BoxDecoder.self
    case .ssd: SSDDecoder.self
    case .yunet: YuNetDecoder.self
    case .retinaface: RetinaFaceDecoder.self
    case .scrfd: SCRFDDecoder.self
    case .mediapipe: MediaPipeDecoder.self
    case .nanodet: NanoDetDecoder.self
    case .fastestdet: FastestDetDecoder.self
    case .detr: DETRDecoder.self
    case .yoloSegment: InstanceDecoder.self
    case .yoloOBB: TurnedBoxDecoder.self
    case .finished: PostProcessedDecoder.self
    case .textLines: TextLineDecoder.self
    case .mask: MaskDecoder.self
    case .heatmap: HeatmapDecoder.self
    case .point: PointDecoder.self
    case .keypoints: KeypointDecoder.self
    case .yoloPose: BoxPoseDecoder.self
    case .poseHeatmap: PoseHeatmapDecoder.self
    case .posenet: PoseNetDecoder.self
    case .simcc: SimCCDecoder.self
    case .number: NumberDecoder.self
    case .boundary: BoundaryDecoder.self
    case .vector: VectorDecoder.self
    case .ctc: TextDecoder.self
    case .raw: TensorDecoder.self
    case .picture: PictureDecoder.self
    case .anomaly: AnomalyDecoder.self
    }
  }

  public var facts: DecoderFacts { type.facts }

  /// It reads one output, which may be named.
  var readsOne: Bool {
    ![.finished, .yoloSegment, .posenet, .simcc, .anomaly].contains(self) && facts.keys.contains(.scores)
      && !facts.keys.contains(.boxes)
  }

  /// What a network that is read this way is for.
  public var task: ModelTask { facts.task }

  /// Interfaces that such networks have, for tests: sides that may be any are `nil`.
  package func samples(_ recipe: OutputRecipe, on network: Size) -> [[TensorSpec]] {
    type.samples(SampleGround(recipe: recipe, network: network))
  }
}

extension ModelTask {
  /// The decoders that end in an answer of this kind, the usual one first.
  public var decoders: [OutputRecipe.Decoder] { OutputRecipe.Decoder.allCases.filter { $0.task == self } }
}

/// What is known of a family of networks, and which keys its decoder obeys.
public struct DecoderFacts: Sendable {
  public let task: ModelTask
  /// What it reads, in a few words for a question.
  public let reads: String
  /// Besides `decoder`.
  public let keys: Set<OutputRecipe.Key>
  /// Words that `activation`, `layout` and `coordinates` may have.
  public var activations: [OutputRecipe.Activation] = []
  public var layouts: [OutputRecipe.Layout] = []
  /// Where nothing is said; `nil` is that the values are probabilities already.
  public var activation: OutputRecipe.Activation?
  public var threshold: Float = 0
  public var iou: Float = 0.45
  /// How the family takes its pictures; `nil` where there is no common way.
  public var input: InputRecipe?
}

extension OutputRecipe {
  /// Keys of `output:` in a manifest; each decoder names those that it obeys.
  public enum Key: String, Sendable, Hashable, CaseIterable {
    case decoder, activation, top, threshold, iou, strides, unit, zero, scores, boxes, background
    case sizes, ratios, variance, clip, coordinates, columns, layout
    case points, first, origin, align, unclip, many, map, range, cut, mapCut = "map-cut", metadata, labels
  }

  /// What a recipe says where nothing is said: from a guess, from a manifest and from options alike.
  public static func usual(_ decoder: Decoder) -> OutputRecipe {
    var recipe = OutputRecipe(decoder: decoder)
    let facts = decoder.facts
    (recipe.activation, recipe.threshold, recipe.iou) = (facts.activation, facts.threshold, facts.iou)
    return recipe
  }

  /// Why a decoder does not take a key or its value; `nil` where it does.
  public func objection(to key: Key) -> String? {
    let facts = decoder.facts
    guard key != .labels else { return "labels are the manifest's own, and stand beside output" }
    guard key == .decoder || facts.keys.contains(key) else {
      let owners = Decoder.allCases.filter { $0.facts.keys.contains(key) }.map(\.rawValue).joined(separator: ", ")
      return "\(key.rawValue) is for decoder \(owners), this is \(decoder.rawValue)"
    }
    switch key {
    case .activation:
      guard let activation, !facts.activations.contains(activation) else { return nil }
      return unfit(key, activation.rawValue, facts.activations.map(\.rawValue))
    case .layout:
      guard let layout, !facts.layouts.contains(layout) else { return nil }
      return unfit(key, layout.rawValue, facts.layouts.map(\.rawValue))
    default: return nil
    }
  }

  private func unfit(_ key: Key, _ word: String, _ known: [String]) -> String {
    "\(key.rawValue) \(word) is not for decoder \(decoder.rawValue), expected \(known.joined(separator: ", "))"
  }
}

extension InputRecipe {
  /// What a recipe says of the input where nothing is said.
  public static func usual(_ decoder: OutputRecipe.Decoder) -> InputRecipe { decoder.facts.input ?? InputRecipe() }

  static func letterbox(
    _ color: Color, _ anchor: Anchor, mean: [Float] = [], scale: [Float] = [], pad: UInt8 = 114
  ) -> InputRecipe {
    var input = stretch(color, mean: mean, scale: scale)
    (input.resize, input.anchor, input.pad) = (.letterbox, anchor, pad)
    return input
  }

  static func stretch(_ color: Color, mean: [Float] = [], scale: [Float] = []) -> InputRecipe {
    var input = InputRecipe()
    (input.color, input.mean, input.scale) = (color, mean, scale)
    return input
  }
}

/// What samples of a decoder's outputs are made for.
struct SampleGround {
  let recipe: OutputRecipe
  let network: Size

  var strides: [Int] { recipe.strides.isEmpty ? [8, 16, 32] : recipe.strides }
  var cells: [Int] { strides.map { network.cells(stride: $0).area } }
  var allCells: Int { cells.reduce(0, +) }

  func one(_ shapes: [Int?]...) -> [[TensorSpec]] {
    shapes.map { [TensorSpec(name: "a", shape: $0, element: .f32)] }
  }

  /// An output of each width for each stride.
  func levels(_ widths: [Int], repeats: Int = 1, areOpen: Bool = false) -> [TensorSpec] {
    named(
      widths.flatMap { width in
        zip(strides, cells).map { stride, count in
          let shape: [Int?] = [areOpen ? nil : repeats * count, width]
          return ("\(width)_\(stride)", shape)
        }
      })
  }

  func named(_ shapes: [(String, [Int?])]) -> [TensorSpec] {
    shapes.map { TensorSpec(name: $0.0, shape: $0.1, element: .f32) }
  }
}
