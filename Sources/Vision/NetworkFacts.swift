public import Base

/// What a network's file says of itself beside shapes and types, in the words of this room; `nil` and empty where it says nothing.
public struct NetworkFacts: Sendable, Hashable {
  /// Who exported it, for sentences: `Ultralytics`, `OpenVINO Model API`.
  public var exporter: String?
  /// The exporter's own word for what it is for: `detect`, `pose`, `Segmentation`.
  public var task: String?
  /// The exporter's own word for the family, such as `YOLOX` or `ssd`.
  public var family: String?
  public var labels: [String] = []
  /// The network drops doubles itself.
  public var hasSuppression = false
  /// Boxes are told in fractions of the input.
  public var givesFractions = false
  /// Points of a pose, and numbers a point.
  public var keypoints: [Int] = []
  /// Names of the points, where there are so many.
  public var points: [String] = []
  public var color: InputRecipe.Color?
  /// Its conversion turned the order of the channels round: it takes BGR where it was trained with RGB, and the other way; `nil` where nothing
  /// is said of that.
  public var isReversed: Bool?
  public var resize: InputRecipe.Resize?
  public var anchor: InputRecipe.Anchor?
  public var pad: UInt8?
  /// Of the pictures that it was exported for.
  public var size: Size?
  /// As of ``InputRecipe``; both `nil` where nothing is said of what 0 to 255 becomes.
  public var mean: [Float]?
  public var scale: [Float]?
  public var threshold: Float?
  public var iou: Float?
  /// Sides of outputs by their names, where the file tells them: an engine may not know them before it has run.
  public var sides: [String: [Int]] = [:]
  /// Of inputs and outputs in their order, where all have a name; by their names else.
  public var quantization: [String: TensorSpec.Quantization] = [:]

  public init() {}

  /// The tensors with what the file says of their whole numbers.
  public func described(_ specs: [TensorSpec]) -> [TensorSpec] {
    specs.map { spec in
      var spec = spec
      if spec.element.isWhole { spec.quantization = quantization[spec.name] }
      // The first is the batch, and 1 may stand for a side that is open.
      if let known = sides[spec.name], known.count == spec.shape.count {
        for place in known.indices.dropFirst() where spec.shape[place] == nil && known[place] > 1 {
          spec.shape[place] = known[place]
        }
      }
      return spec
    }
  }
}

extension ElementType {
  public var isWhole: Bool {
    switch self {
    case .u8, .u16, .u32, .u64, .i8, .i16, .i32, .i64: true
    default: false
    }
  }

  /// Whole numbers that are too wide to be quantised floats: class numbers, counts, indices.
  var isIndex: Bool { isWhole && byteCount > 1 || self == .bool }
}
