public import Base
public import Predictions

/// What a network is probably for, read from the shapes of its inputs and outputs alone.
public struct Guess: Sendable, Hashable {
  public let task: ModelTask
  public let output: OutputRecipe
  /// How such networks take their pictures; `nil` where there is no common way.
  public let input: InputRecipe?
  /// One sentence for a person.
  public let why: String

  /// A guess, or `nil` where several readings fit and only the owner knows; `labels` is how many were named.
  public static func make(inputs: [TensorSpec], outputs: [TensorSpec], labels: Int) -> Guess? {
    let names = Set(outputs.map(\.name))
    if names.isSuperset(of: ["cls_8", "obj_8", "bbox_8", "kps_8"]) {
      return Guess(
        .detection, .yunet, threshold: 0.6, input: letterbox(.bgr, .topLeft), "its outputs are named as YuNet's")
    }
    if PostProcessedParts.Places(outputs) != nil {
      return Guess(
        .detection, .finished, threshold: 0.3,
        "its outputs are finished detections, as TensorFlow Lite's post-processing gives them")
    }
    guard outputs.count == 1 else { return nil }
    let spec = outputs[0]
    if let sides = innerShape(spec, rank: 2), let rows = sides[0], let columns = sides[1] {
      if let size = PictureShape(inputs)?.size, let found = grid(rows, columns, spec, size) { return found }
      if columns == 3, rows == 17 { return Guess(.pose, .keypoints, "17 points of y, x, score, as MoveNet gives them") }
      if columns == 6 || columns == 7, rows > 1, rows <= 1000 {
        return Guess(.detection, .finished, threshold: 0.3, "\(rows) rows of \(columns): finished detections")
      }
    }
    return single(spec, labels: labels)
  }

  private init(
    _ task: ModelTask, _ decoder: OutputRecipe.Decoder, threshold: Float = 0, input: InputRecipe? = nil, _ why: String
  ) {
    var output = OutputRecipe(decoder: decoder)
    output.threshold = threshold
    (self.task, self.output, self.input, self.why) = (task, output, input, why)
  }

  private static func letterbox(_ color: InputRecipe.Color, _ anchor: InputRecipe.Anchor, scale: [Float] = [])
    -> InputRecipe
  {
    var input = InputRecipe()
    (input.color, input.resize, input.anchor, input.scale) = (color, .letterbox, anchor, scale)
    return input
  }

  /// Detectors answer for each cell of grids with strides 8, 16 and 32.
  private static func grid(_ rows: Int, _ columns: Int, _ spec: TensorSpec, _ size: Size) -> Guess? {
    let cells = [8, 16, 32].reduce(0) { $0 + ((size.width + $1 - 1) / $1) * ((size.height + $1 - 1) / $1) }
    let shape = spec.shapeText
    if rows == cells, columns > 5 {
      return Guess(
        .detection, .yolox, threshold: 0.3, input: letterbox(.bgr, .topLeft),
        "\(shape) is one row a grid cell, as YOLOX gives them")
    }
    if rows == 3 * cells, columns > 5 {
      return Guess(
        .detection, .yolov5, threshold: 0.3, input: letterbox(.rgb, .center, scale: [255]),
        "\(shape) is three rows a grid cell, as YOLOv5 gives them")
    }
    if columns == cells, rows > 4 {
      return Guess(
        .detection, .yolov8, threshold: 0.3, input: letterbox(.rgb, .center, scale: [255]),
        "\(shape) is one column a grid cell, as YOLOv8 gives them")
    }
    return nil
  }

  private static func single(_ spec: TensorSpec, labels: Int) -> Guess? {
    let count = spec.shape.dropFirst().reduce(1) { $0 * ($1 ?? 0) }
    if spec.shape.count >= 2, count == 1 { return Guess(.score, .number, "it gives one number") }
    if count > 1, spec.shape.count == 2 || spec.shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
      if count == labels { return Guess(.classification, .classes, "it gives \(count) numbers, one a label") }
      if [10, 1000, 1001].contains(count) {
        return Guess(.classification, .classes, "it gives \(count) numbers, as classifiers do")
      }
    }
    if [.i32, .i64].contains(spec.element), let sides = innerShape(spec, rank: 2), (sides[0] ?? 0) > 16 {
      return Guess(.segmentation, .mask, "\(spec.shapeText) whole numbers: a class a pixel")
    }
    if let grid = Grid(spec.shape), !spec.isDynamic, spec.shape.count == 4, grid.size.width > 16,
      grid.classes > 3 || grid.classes == labels && labels > 1
    {
      return Guess(.segmentation, .mask, "\(spec.shapeText): a score for each of \(grid.classes) classes and pixel")
    }
    return nil
  }
}

/// Where rows, columns and channels stand in the shape of a network's picture input.
public struct PictureShape: Sendable, Hashable {
  /// `nil` where the file leaves the sides open.
  public let width: Int?
  public let height: Int?
  public let channels: Int
  public let layout: InputRecipe.Layout

  public var size: Size? {
    guard let width, let height else { return nil }
    return Size(width: width, height: height)
  }

  /// From the only input, if it can be a picture: four dimensions, one of them 1 or 3 channels.
  ///
  /// `layout` is what the owner says, for shapes that can be read both ways.
  public init?(_ inputs: [TensorSpec], layout: InputRecipe.Layout? = nil) {
    guard inputs.count == 1, inputs[0].shape.count == 4 else { return nil }
    let shape = inputs[0].shape
    let isChannels = { (side: Int?) in side == 1 || side == 3 }
    let channelsFirst = layout.map { $0 == .nchw } ?? (isChannels(shape[1]) && !(isChannels(shape[3]) && shape[1] != 3))
    guard isChannels(channelsFirst ? shape[1] : shape[3]) else { return nil }
    if channelsFirst {
      (self.layout, channels, height, width) = (.nchw, shape[1]!, shape[2], shape[3])
    } else {
      (self.layout, channels, height, width) = (.nhwc, shape[3]!, shape[1], shape[2])
    }
  }
}
