public import Base
public import Predictions

/// What a network is probably for: read from its file's own words, from names and types of its outputs, then from shapes.
///
/// Where several readings fit, there is none: a wrong one would look like an answer.
public struct Guess: Sendable, Hashable {
  public let task: ModelTask
  public let output: OutputRecipe
  /// How such networks take their pictures; `nil` where there is no common way.
  public let input: InputRecipe?
  /// One sentence for a person.
  public let why: String

  /// A guess; `labels` is how many were named by the owner or the file.
  public static func read(
    inputs: [TensorSpec], outputs: [TensorSpec], facts: NetworkFacts = NetworkFacts(), labels: Int
  ) throws(GuessDoubt) -> Guess {
    let reader = GuessReader(
      outputs: outputs.ofOne, facts: facts, labels: labels, names: inputs.map(\.name),
      picture: PictureShape(inputs))
    if let refusal = GuessDoubt(facts) { throw refusal }
    guard let guess = try reader.guess() else { throw GuessDoubt(reader) }
    // What does not fit its own network is no guess.
    guard reader.fits(guess.output) else { throw GuessDoubt(reader, instead: guess) }
    return guess
  }

  /// The same where nothing is asked of anybody: `nil` where several readings fit and only the owner knows.
  public static func make(
    inputs: [TensorSpec], outputs: [TensorSpec], facts: NetworkFacts = NetworkFacts(), labels: Int
  ) -> Guess? { try? read(inputs: inputs, outputs: outputs, facts: facts, labels: labels) }

  /// Three rows a grid cell, as only families with anchors have them.
  public static func hasAnchors(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Bool {
    guard let size = PictureShape(inputs)?.size, outputs.count == 1 else { return false }
    return innerShape(outputs[0], rank: 2)?.contains(3 * GuessReader.cells(size)) ?? false
  }

  init(
    _ decoder: OutputRecipe.Decoder, _ why: String, input: InputRecipe? = nil,
    _ change: (inout OutputRecipe) -> Void = { _ in }
  ) {
    var output = OutputRecipe.usual(decoder)
    change(&output)
    (task, self.output, self.input, self.why) = (decoder.task, output, input, why)
  }
}

/// The rules, from the surest to the least sure.
struct GuessReader {
  let outputs: [TensorSpec]
  let facts: NetworkFacts
  let labels: Int
  /// Of the inputs.
  let names: [String]
  let picture: PictureShape?

  /// Of the picture; `nil` where the file leaves it open.
  var size: Size? { picture?.size }

  func guess() throws(GuessDoubt) -> Guess? {
    if let guess = byNames() { return guess }
    if let doubt = GuessDoubt(ofChannels: self) { throw doubt }
    if let guess = byWords() { return guess }
    if let guess = withoutTask() { return guess }
    guard outputs.count == 1, facts.task == nil || facts.task == "detect" || facts.task == "classify" else {
      return nil
    }
    return detector(outputs[0]) ?? pose(outputs[0]) ?? single(outputs[0]) ?? map(outputs[0])
  }

  /// The same of some of the outputs.
  func of(_ outputs: [TensorSpec]) -> GuessReader {
    GuessReader(outputs: outputs.ofOne, facts: facts, labels: labels, names: names, picture: picture)
  }

  /// Whether the network keeps what the recipe says of it.
  func fits(_ output: OutputRecipe) -> Bool {
    let recipe = Recipe(task: output.decoder.task, output: output, labels: facts.labels)
    return (try? Head(recipe, outputs: outputs, network: size ?? Size(width: 1, height: 1))) != nil
  }

  /// Families whose outputs have names that no other has.
  private func byNames() -> Guess? {
    let names = Set(outputs.map(\.name))
    if names.isSuperset(of: ["cls_8", "obj_8", "bbox_8", "kps_8"]) {
      return Guess(.yunet, "its outputs are named as YuNet's", input: .usual(.yunet))
    }
    // Exports of anomalib since version 2 take 0 to 1, and have the rest of what they need inside.
    if names.isSuperset(of: ["pred_score", "anomaly_map"]) {
      return Guess(.anomaly, "its outputs are named as anomalib's", input: .stretch(.rgb, scale: [255]))
    }
    return poseByNames() ?? finished() ?? byAnchors()
  }

  /// What the exporter wrote into the file.
  private func byWords() -> Guess? {
    guard let exporter = facts.exporter, let task = facts.task?.lowercased() else { return nil }
    let why = "\(exporter) wrote into the file that it is for '\(facts.task ?? "")'"
    switch task {
    case "segment" where exporter == "Ultralytics": return family(.yoloSegment, why)
    case "obb" where exporter == "Ultralytics": return family(.yoloOBB, why)
    case "pose" where exporter == "Ultralytics": return family(.yoloPose, why) { $0.points = facts.points }
    case "semantic" where outputs.count == 1: return semantic(why)
    case "detect", "detection", "yolo", "yolov8", "yolo11", "yolov5", "yolov11":
      return ultralytics(why)
    case "yolox": return Guess(.yolox, why, input: .usual(.yolox))
    case "classify", "classification": return Guess(.classes, why)
    case "segmentation" where outputs.count == 1: return Guess(.mask, why)
    case "text" where outputs.count == 1 && outputs[0].shape.count > 2:
      return Guess(.ctc, why) {
        $0.background = 0
        // Its steps come first, which must be said where there are as many of them as classes.
        if !fits($0) { $0.layout = .rows }
      }
    case "depth" where outputs.count == 1: return Guess(.picture, why) { $0.activation = OutputRecipe.Activation.none }
    case "ssd" where outputs.count == 1: return Guess(.finished, why)
    default: return nil
    }
  }

  private func ultralytics(_ why: String) -> Guess? {
    guard outputs.count == 1, let sides = innerShape(outputs[0], rank: 2) else { return nil }
    if facts.family == "rtdetr" { return transformer(sides, why) }
    if sides[1] == 6, sides[0] != facts.labels.count + 4 {
      return Guess(.finished, why) { if givesFractions(isFinished: true) { $0.coordinates = .fractions } }
    }
    func change(_ output: inout OutputRecipe) { if facts.givesFractions { output.coordinates = .fractions } }
    if sides[0] == facts.labels.count + 4 { return Guess(.yolov8, why, input: .usual(.yolov8), change) }
    guard sides[1] == facts.labels.count + 5 else { return nil }
    return Guess(.yolov5, why, input: .usual(.yolov5), change)
  }

  /// Detectors answer for each cell of grids with strides 8, 16 and 32.
  private func detector(_ spec: TensorSpec) -> Guess? {
    guard let sides = innerShape(spec, rank: 2), let rows = sides[0], let columns = sides[1] else { return nil }
    let shape = spec.shapeText
    if spec.shape.count == 4, columns == 7, spec.shape[1] == 1 {
      return Guess(.finished, "\(shape) is as OpenVINO's DetectionOutput gives it")
    }
    if spec.shape.count == 3, columns == 6, rows == 300 {
      return Guess(.finished, "\(shape) is 300 finished detections, as YOLOv10 gives them")
    }
    let cells = size.map(Self.cells) ?? 0
    if rows == cells, columns == 85 || columns == labels + 5 && labels > 0 || isNamedAsYOLOX && columns > 5 {
      return Guess(.yolox, "\(shape) is one row a grid cell, as YOLOX gives them", input: .usual(.yolox))
    }
    if rows == 3 * cells, columns == 85 || columns == labels + 5 && labels > 0 {
      return Guess(.yolov5, "\(shape) is three rows a grid cell, as YOLOv5 gives them", input: .usual(.yolov5)) {
        if facts.givesFractions { $0.coordinates = .fractions }
      }
    }
    if columns == cells, rows == 84 || rows == 5 || rows == labels + 4 && labels > 0 {
      return Guess(.yolov8, "\(shape) is one column a grid cell, as YOLOv8 gives them", input: .usual(.yolov8)) {
        if facts.givesFractions { $0.coordinates = .fractions }
      }
    }
    return nil
  }

  /// YOLOX's own exporter always names them so.
  private var isNamedAsYOLOX: Bool {
    names == ["images"] && outputs[0].name == "output" || facts.family?.lowercased() == "yolox"
  }

  static func cells(_ size: Size) -> Int {
    [8, 16, 32].reduce(0) { $0 + size.cells(stride: $1).area }
  }

  private func pose(_ spec: TensorSpec) -> Guess? {
    guard spec.shape.count == 4, spec.shape.suffix(3) == [1, 17, 3] else { return nil }
    return Guess(.keypoints, "17 points of y, x, score, as MoveNet gives them")
  }

  /// One number or one row of them.
  private func single(_ spec: TensorSpec) -> Guess? {
    guard !spec.element.isIndex else { return nil }
    let count = spec.shape.dropFirst().reduce(1) { $0 * ($1 ?? 0) }
    if spec.shape.count >= 2, count == 1 { return Guess(.number, "it gives one number") }
    guard count > 1, spec.shape.count == 2 || spec.shape.dropFirst(2).allSatisfy({ $0 == 1 }) else { return nil }
    if count == labels { return Guess(.classes, "it gives \(count) numbers, one a label") }
    guard [1000, 1001].contains(count) else { return nil }
    return Guess(.classes, "it gives \(count) numbers, as classifiers of ImageNet do")
  }

  /// A map as large as the picture, or evenly smaller.
  private func map(_ spec: TensorSpec) -> Guess? {
    guard !spec.isDynamic, let grid = Grid(spec.shape, nil, size), grid.size.width > 16,
      grid.size.height > 16, let size, grid.covers(size)
    else { return nil }
    let words = spec.name.lowercased()
    // Distances and numbers of things are whole numbers as well.
    if ["depth", "disp", "instance", "distance", "height", "ids"].contains(where: words.contains) { return nil }
    if spec.element.isIndex, innerShape(spec, rank: 2) != nil {
      return Guess(.mask, "\(spec.shapeText) whole numbers: a class a pixel")
    }
    // Numbers of classes that public sets have: ADE20K, COCO-Stuff; Cityscapes and Pascal VOC, but small maps of so many may be points, too.
    let isUsual =
      [150, 171].contains(grid.classes) && size.width <= 8 * grid.size.width
      || [19, 21].contains(grid.classes) && size.width <= 2 * grid.size.width
    // Labels may name the points of a pose as well: those of COCO, MPII, hands, whole bodies.
    let mayBePoints = [14, 15, 16, 17, 18, 21, 26, 133].contains(grid.classes) && size.width > 2 * grid.size.width
    let isLabelled = grid.classes == labels && labels > 1 && !mayBePoints
    guard spec.shape.count == 4, isUsual || isLabelled else { return nil }
    return Guess(.mask, "\(spec.shapeText): a score for each of \(grid.classes) classes and pixel")
  }
}

extension [TensorSpec] {
  /// For one picture: the open first side of an only output is the batch, unless the batch of one follows it.
  var ofOne: [TensorSpec] {
    guard count == 1, self[0].shape.count >= 2, self[0].shape[0] == nil,
      self[0].shape.count == 2 || self[0].shape[1] != 1
    else { return self }
    var one = self[0]
    one.shape[0] = 1
    return [one]
  }
}
