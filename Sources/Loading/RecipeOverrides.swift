public import Base
internal import ModelHub
public import Predictions
public import Vision

/// What the caller says of a model, over what its manifest or a guess says; `nil` leaves a thing as it is.
public struct RecipeOverrides: Sendable, Hashable {
  public var task: ModelTask?
  public var decoder: OutputRecipe.Decoder?
  public var activation: OutputRecipe.Activation?
  /// 0 to 1.
  public var threshold: Float?
  /// 0 to 1.
  public var iou: Float?
  public var top: Int?
  public var unit: Float?
  public var zero: Float?
  /// Names of outputs.
  public var scores: String?
  public var boxes: String?
  public var background: Int?
  public var strides: [Int]?
  public var coordinates: OutputRecipe.Coordinates?
  public var columns: [OutputRecipe.Column]?
  public var outputLayout: OutputRecipe.Layout?
  /// Names of the points of a box.
  public var points: [String]?
  /// The class number of the first label.
  public var first: Int?
  public var origin: OutputRecipe.Origin?
  public var align: OutputRecipe.Align?
  public var unclip: Float?
  public var color: InputRecipe.Color?
  public var resize: InputRecipe.Resize?
  public var interpolation: Interpolation?
  public var anchor: InputRecipe.Anchor?
  /// Of each channel around a letterboxed picture.
  public var pad: UInt8?
  public var layout: InputRecipe.Layout?
  /// Of the input, in pixels.
  public var size: Size?
  public var normalization: Normalization?
  /// One number or three, over the normalization's.
  public var mean: [Float]?
  /// One number or three, none of them 0; over the normalization's.
  public var scale: [Float]?
  /// A file with one label a line.
  public var labelFile: String?
  public var precision: Precision?
  /// Who is to run it.
  public var engine: EngineChoice?

  public init() {}

  /// The labels of the file, read anew; `nil` where none was named.
  func labels() throws(Fault) -> [String]? {
    try labelFile.map { (file) throws(Fault) in try LabelFile.read(file) }
  }

  /// Puts what is said over the recipe; `labels` are those of the file.
  func apply(to recipe: inout Recipe, labels: [String]?) {
    put(labels, &recipe.labels)
    put(task, &recipe.task)
    apply(to: &recipe.input)
    apply(to: &recipe.output)
    for index in recipe.more.indices { applyLimits(to: &recipe.more[index].output) }
  }

  /// What is said of every answer that knows of it.
  private func applyLimits(to output: inout OutputRecipe) {
    let keys = output.decoder.facts.keys
    if keys.contains(.threshold) { put(threshold, &output.threshold) }
    if keys.contains(.iou) { put(iou, &output.iou) }
    if keys.contains(.top) { put(top, &output.top) }
  }

  private func apply(to input: inout InputRecipe) {
    put(color, &input.color)
    if let normalization { (input.mean, input.scale) = normalization.values }
    put(mean, &input.mean)
    put(scale, &input.scale)
    put(resize, &input.resize)
    put(interpolation, &input.interpolation)
    put(anchor, &input.anchor)
    put(pad, &input.pad)
    if let layout { input.layout = layout }
    if let size { (input.width, input.height) = (size.width, size.height) }
  }

  private func apply(to output: inout OutputRecipe) {
    put(decoder, &output.decoder)
    put(threshold, &output.threshold)
    put(iou, &output.iou)
    put(top, &output.top)
    put(columns, &output.columns)
    put(strides, &output.strides)
    put(points, &output.points)
    if let first { output.first = first }
    if let origin { output.origin = origin }
    if let align { output.align = align }
    if let unclip { output.unclip = unclip }
    if let activation { output.activation = activation }
    if let unit { output.unit = unit }
    if let zero { output.zero = zero }
    if let scores { output.scores = scores }
    if let boxes { output.boxes = boxes }
    if let background { output.background = background }
    if let coordinates { output.coordinates = coordinates }
    if let outputLayout { output.layout = outputLayout }
  }

  /// Refuses what the decoder of a recipe does not obey.
  func check(_ recipe: Recipe) throws(Fault) {
    let said: [(OutputRecipe.Key, Bool)] = [
      (.activation, activation != nil), (.threshold, threshold != nil), (.iou, iou != nil), (.top, top != nil),
      (.unit, unit != nil), (.zero, zero != nil), (.scores, scores != nil), (.boxes, boxes != nil),
      (.background, background != nil), (.strides, strides != nil), (.coordinates, coordinates != nil),
      (.columns, columns != nil), (.layout, outputLayout != nil), (.points, points != nil), (.first, first != nil),
      (.origin, origin != nil),
      (.align, align != nil), (.unclip, unclip != nil),
    ]
    for (key, isSaid) in said where isSaid {
      if let objection = recipe.output.objection(to: key) { throw Fault(.usage, objection) }
    }
  }

  private func put<Value>(_ said: Value?, _ place: inout Value) {
    if let said { place = said }
  }

  /// It says what 0 to 255 becomes.
  var saysNumbers: Bool { normalization != nil || mean != nil || scale != nil }
}

/// Common ways to scale the bytes of a picture.
public enum Normalization: String, Sendable, Hashable, CaseIterable {
  case none, unit, symmetric, imagenet

  /// ImageNet's figures are those of torchvision's pre-trained networks, times 255.
  public var values: (mean: [Float], scale: [Float]) {
    switch self {
    case .none: ([], [])
    case .unit: ([], [255])
    case .symmetric: ([127.5], [127.5])
    case .imagenet: ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
    }
  }
}
