internal import Base
internal import Predictions
internal import Vision

/// Recipes that a manifest may hold, outputs that a network's file may promise, and answers that keep the promise.
enum AnswerTarget {
  private struct Tensors: OutputTensors {
    var specs: [TensorSpec] = []
    var values: [[Float]] = []

    func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
      let held = values[index]
      return body(held.span)
    }
  }

  static func enter(_ bytes: [UInt8]) throws(Fault) {
    var data = FuzzedData(bytes)
    let network = Size(width: 1 + data.number(below: 64), height: 1 + data.number(below: 64))
    let recipe = recipe(&data)
    let promised = promises(recipe.output, network, &data)
    let head = try Head(recipe, outputs: promised, network: network)
    let picture = Size(width: 1 + data.number(below: 200), height: 1 + data.number(below: 200))
    let placement = Placement(picture: picture, network: network, recipe: recipe.input)
    var tensors = Tensors()
    for spec in promised {
      var actual = spec
      actual.shape = spec.shape.map { $0 ?? data.number(below: 8) }
      let count = actual.shape.reduce(1) { $0 * $1! }
      guard count <= 1 << 18 else { return }
      tensors.specs.append(actual)
      tensors.values.append(data.floats(count))
    }
    for prediction in try head.decode(tensors, at: placement) { check(prediction) }
  }

  /// What the bytes ask of a head.
  static func output(of bytes: [UInt8]) -> OutputRecipe {
    var data = FuzzedData(bytes)
    for _ in 0..<2 { _ = data.byte() }
    return recipe(&data).output
  }

  /// Gives what was guessed.
  @discardableResult static func guess(_ bytes: [UInt8]) -> OutputRecipe.Decoder? {
    var data = FuzzedData(bytes)
    let inputs = (0..<1 + data.number(below: 2)).map { _ in
      spec(data.pick(["in", "images", "orig_target_sizes", "scale_factor"]), pictureShape(&data), &data)
    }
    let outputs = guessed(&data)
    let facts = facts(&data)
    let labels = data.number(below: 12)
    let guess: Guess
    do throws(GuessDoubt) {
      guess = try Guess.read(inputs: inputs, outputs: outputs, facts: facts, labels: labels)
    } catch {
      let said = data.pick(error.choices).output
      _ = GuessDoubt(
        said.decoder, origin: said.origin, color: nil, normalization: nil, saysInput: false, inputs, outputs,
        labels: labels)
      return nil
    }
    var recipe = Recipe(task: guess.task, input: guess.input ?? InputRecipe(), output: guess.output)
    recipe.isGuess = true
    precondition(guess.task.decoders.contains(guess.output.decoder), "a guess names a decoder of another task")
    _ = try? Head(recipe, outputs: outputs, network: Size(width: 64, height: 64))
    return guess.output.decoder
  }

  /// Outputs of any shapes, or such as a decoder reads; under names that families are known by, its own or others.
  private static func guessed(_ data: inout FuzzedData) -> [TensorSpec] {
    let decoder = data.pick(OutputRecipe.Decoder.allCases)
    let sample = data.pick(decoder.samples(.usual(decoder), on: Size(width: 64, height: 64)))
    let names = data.number(below: 2) == 0 ? sample.map(\.name) : data.pick(AnswerTarget.names)
    let shapes =
      data.number(below: 3) == 0
      ? (0..<data.number(below: 10)).map { _ in shape(&data) } : sample.map(\.shape)
    // Most networks give numbers of one type.
    let isOdd = data.number(below: 4) == 0
    return shapes.enumerated().map { number, shape in
      var one = spec(number < names.count ? names[number] : "out\(number)", shape, &data)
      if !isOdd { one.element = .f32 }
      return one
    }
  }

  /// Of the outputs of families, in the order in which they have them.
  private static let names: [[String]] = [
    [], ["cls_8", "obj_8", "bbox_8", "kps_8"], ["simcc_x", "simcc_y"],
    ["float_heatmaps", "float_short_offsets", "float_mid_offsets", "float_segments"],
    [32, 16, 8].flatMap { stride in
      ["cls_prob_reshape", "bbox_pred", "landmark_pred"].map { "face_rpn_\($0)_stride\(stride)" }
    },
    ["dets", "labels"], ["boxes", "labels", "scores"], ["logits", "pred_boxes"], ["output"],
    ["num_dets", "det_boxes", "det_scores", "det_classes"],
    ["graph_num_predictions", "graph_pred_boxes", "graph_pred_scores", "graph_pred_classes"],
    ["detection_boxes", "detection_classes", "detection_scores", "num_detections"], ["loc", "conf", "landms"],
  ]

  private static func facts(_ data: inout FuzzedData) -> NetworkFacts {
    var facts = NetworkFacts()
    facts.exporter = data.pick([nil, nil, "Ultralytics", "OpenVINO Model API", "PaddleOCR"])
    facts.task = data.pick([nil, "detect", "segment", "pose", "obb", "semantic", "classify", "text", "depth", "ssd"])
    facts.color = data.pick([nil, nil, .bgr])
    facts.isReversed = data.pick([nil, true, false])
    facts.givesFractions = data.number(below: 2) == 1
    facts.labels = (0..<data.number(below: 4)).map { "label \($0)" }
    return facts
  }

  private static func pictureShape(_ data: inout FuzzedData) -> [Int?] {
    data.number(below: 3) == 0
      ? shape(&data) : data.pick([[1, 3, 64, 64], [1, 64, 64, 3], [nil, 3, nil, nil], [1, 3, 16384, 16384]])
  }

  /// What comes out may be little, but is sound.
  private static func check(_ prediction: Prediction) {
    if let box = prediction.box {
      precondition(
        box.x >= 0 && box.y >= 0 && box.right <= 1 + 1e-9 && box.bottom <= 1 + 1e-9, "a box lies outside its picture")
    }
    if let mask = prediction.mask {
      precondition(mask.counts.reduce(0, +) == mask.size.area, "the runs of a mask do not fill it")
    }
    if prediction.kind == .detection { precondition(prediction.score!.isFinite, "a detection without a score") }
  }

  /// Within what `ModelHub` lets a manifest say.
  private static func recipe(_ data: inout FuzzedData) -> Recipe {
    var output = OutputRecipe(decoder: data.pick(OutputRecipe.Decoder.allCases))
    let facts = output.decoder.facts
    output.activation = data.pick([nil] + facts.activations)
    output.layout = data.pick([nil] + facts.layouts)
    if facts.keys.contains(.coordinates) { output.coordinates = data.pick([nil, .pixels, .fractions]) }
    if facts.keys.contains(.columns) {
      output.columns = data.pick([[], [.label, .score, .left, .top, .right, .bottom], [.x, .y, .width, .height]])
    }
    output.points = data.pick([[], [], ["a", "b"]])
    output.first = data.pick([nil, nil, 1])
    output.origin = data.pick([nil, .middle, .corner])
    output.clip = output.decoder == .ssd ? data.pick([true, false]) : nil
    output.zero = data.pick([nil, nil, -128])
    output.threshold = Float(data.number(below: 5)) / 4
    output.iou = Float(data.number(below: 5)) / 4
    if facts.keys.contains(.align) { output.align = data.pick([nil, .cells, .corners]) }
    if facts.keys.contains(.unclip) { output.unclip = data.pick([nil, 0.5, 3, .leastNormalMagnitude, 1e30]) }
    output.top = 1 + data.number(below: 9)
    output.unit = data.pick([nil, nil, 1 / 256, 1e30])
    output.background = data.pick([nil, nil, 0, 3, 100_000])
    output.strides = (0..<data.number(below: 4)).map { _ in data.pick([1, 8, 16, 32, 1024]) }
    if output.decoder == .ssd {
      if output.strides.isEmpty { output.strides = [16] }
      output.sizes = output.strides.map { _ in [8, 1e30].suffix(1 + data.number(below: 2)) }
      output.ratios = data.pick([[], [0.5], [1e-30, 2]])
      output.variance = data.pick([[0.1, 0.2], [1e30, 1e30]])
    }
    var input = InputRecipe()
    input.interpolation = data.pick(Interpolation.allCases)
    (input.resize, input.anchor) = (data.pick(InputRecipe.Resize.allCases), data.pick(InputRecipe.Anchor.allCases))
    let labels = (0..<data.pick([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5])).map { "label \($0)" }
    return Recipe(task: output.decoder.task, input: input, output: output, labels: labels)
  }

  /// Shapes that suit the decoder more often than not; any other shape must be refused.
  private static func promises(_ recipe: OutputRecipe, _ network: Size, _ data: inout FuzzedData) -> [TensorSpec] {
    guard data.number(below: 8) > 0 else {
      return (0..<data.number(below: 4)).map { spec("o\($0)", shape(&data), &data) }
    }
    return data.pick(recipe.decoder.samples(recipe, on: network)).map { spec($0.name, $0.shape, &data) }
  }

  private static func shape(_ data: inout FuzzedData) -> [Int?] {
    (0..<data.number(below: 5)).map { _ in data.pick([nil, 0, 1, 1, 2, 3, 4, 6, 7, 10, 17, 64, 1000, 3549]) }
  }

  private static func spec(_ name: String, _ shape: [Int?], _ data: inout FuzzedData) -> TensorSpec {
    TensorSpec(name: name, shape: shape, element: data.pick([.f32, .f32, .i64, .u8, .i8]))
  }
}
