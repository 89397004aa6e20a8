import Base
import ModelHub
import Predictions
import Testing
import Vision

@testable import Loading

struct RecipeOverridesTests {
  private var recipe: Recipe {
    var recipe = Recipe(task: .detection, output: OutputRecipe(decoder: .yolox), labels: ["a"])
    (recipe.input.mean, recipe.input.scale, recipe.input.layout) = ([1], [2], .nhwc)
    return recipe
  }

  private func applied(_ change: (inout RecipeOverrides) -> Void, labels: [String]? = nil) -> Recipe {
    var (overrides, recipe) = (RecipeOverrides(), recipe)
    change(&overrides)
    overrides.apply(to: &recipe, labels: labels)
    return recipe
  }

  @Test("What nobody says stays, and each thing that is said changes itself alone")
  func each() {
    #expect(applied { _ in } == recipe)
    let changes: [((inout RecipeOverrides) -> Void, (inout Recipe) -> Void)] = [
      ({ $0.task = .pose }, { $0.task = .pose }), ({ $0.decoder = .yunet }, { $0.output.decoder = .yunet }),
      ({ $0.activation = .sigmoid }, { $0.output.activation = .sigmoid }),
      ({ $0.threshold = 0.7 }, { $0.output.threshold = 0.7 }), ({ $0.iou = 0.6 }, { $0.output.iou = 0.6 }),
      ({ $0.top = 3 }, { $0.output.top = 3 }), ({ $0.color = .gray }, { $0.input.color = .gray }),
      ({ $0.resize = .crop }, { $0.input.resize = .crop }), ({ $0.anchor = .topLeft }, { $0.input.anchor = .topLeft }),
      ({ $0.interpolation = .bicubic }, { $0.input.interpolation = .bicubic }),
      ({ $0.layout = .nchw }, { $0.input.layout = .nchw }),
      ({ $0.size = Size(width: 8, height: 6) }, { ($0.input.width, $0.input.height) = (8, 6) }),
      ({ $0.normalization = .unit }, { ($0.input.mean, $0.input.scale) = ([], [255]) }),
      ({ $0.mean = [5] }, { $0.input.mean = [5] }), ({ $0.scale = [1, 2, 3] }, { $0.input.scale = [1, 2, 3] }),
      ({ $0.origin = .corner }, { $0.output.origin = .corner }), ({ $0.precision = .bf16 }, { _ in }),
    ]
    for (say, expect) in changes {
      var expected = recipe
      expect(&expected)
      #expect(applied(say) == expected)
    }
    #expect(applied({ _ in }, labels: ["b", "c"]).labels == ["b", "c"])
  }

  @Test("Mean and scale stand above the normalization")
  func numbers() {
    let input = applied {
      $0.normalization = .imagenet
      $0.scale = [1]
    }.input
    #expect(input.mean == Normalization.imagenet.values.mean && input.scale == [1])
  }
}

struct InferredRecipeTests {
  private static let floats = TensorSpec(name: "in", shape: [1, 3, 224, 224], element: .f32)
  private static let bytes = TensorSpec(name: "in", shape: [1, 224, 224, 3], element: .u8)
  private static let thousand = TensorSpec(name: "out", shape: [1, 1000], element: .f32)
  private static let odd = TensorSpec(name: "out", shape: [1, 7, 9, 2], element: .f32)

  private func infer(
    _ input: TensorSpec, _ outputs: [TensorSpec], labels: [String] = [],
    _ change: (inout RecipeOverrides) -> Void = { _ in }
  ) throws(RecipeDoubt) -> Recipe {
    var overrides = RecipeOverrides()
    change(&overrides)
    return try InferredRecipe(
      path: "net", inputs: [input], outputs: outputs, overrides: overrides, labels: labels
    ).recipe()
  }

  @Test("A network that leaves its size open takes that of its export, where its file says it and the owner does not")
  func size() throws {
    var facts = NetworkFacts()
    facts.size = Size(width: 640, height: 480)
    func size(_ shape: [Int?], _ said: Size? = nil) throws -> [Int?] {
      var overrides = RecipeOverrides()
      (overrides.decoder, overrides.size) = (.raw, said)
      let input = TensorSpec(name: "in", shape: shape, element: .u8)
      let recipe = try InferredRecipe(
        path: "net", inputs: [input], outputs: [Self.odd], facts: facts, overrides: overrides, labels: []
      ).recipe()
      return [recipe.input.width, recipe.input.height]
    }
    #expect(try size([1, nil, nil, 3]) == [640, 480])
    #expect(try size([1, nil, nil, 3], Size(width: 320, height: 240)) == [320, 240])
    #expect(try size([1, 224, 224, 3]) == [nil, nil])
  }

  @Test("A network of bytes that gives as many numbers as classifiers do needs no word")
  func certain() throws {
    let recipe = try infer(Self.bytes, [Self.thousand], labels: ["a"])
    #expect(recipe.task == .classification && recipe.output.decoder == .classes && recipe.labels == ["a"])
    #expect(recipe.input == InputRecipe())
  }

  @Test("One that takes floats is asked what they are, unless that is said or known of its kind")
  func floats() throws {
    #expect(throws: RecipeDoubt.normalization(network: "net")) { try infer(Self.floats, [Self.thousand]) }
    #expect(try infer(Self.floats, [Self.thousand]) { $0.normalization = .unit }.input.scale == [255])
    #expect(try infer(Self.floats, [Self.thousand]) { $0.mean = [127] }.input.mean == [127])
    let cells = TensorSpec(name: "out", shape: [1, 28 * 28 + 14 * 14 + 7 * 7, 85], element: .f32)
    let yolox = try infer(Self.floats, [cells])
    #expect(yolox.output.decoder == .yolox && yolox.input.color == .bgr && yolox.output.threshold == 0.25)
    #expect(try infer(Self.floats, [cells]) { $0.threshold = 0.5 }.output.threshold == 0.5)
  }

  @Test("Palms take their numbers as MediaPipe shows them, whether they are guessed or said")
  func palms() throws {
    let input = TensorSpec(name: "in", shape: [1, 192, 192, 3], element: .f32)
    let outputs = [18, 1].map { (width: Int) in
      TensorSpec(name: "out\(width)", shape: [1, 2016, width], element: .f32)
    }
    for recipe in try [infer(input, outputs), infer(input, outputs) { $0.decoder = .mediapipe }] {
      #expect(recipe.output.decoder == .mediapipe && recipe.output.activation == .sigmoid)
      #expect(recipe.input.mean == [] && recipe.input.scale == [255] && recipe.input.resize == .letterbox)
    }
  }

  @Test("A decoder whose networks take their pictures in different ways is asked how, until that is said")
  func inputs() throws {
    let floats = TensorSpec(name: "in", shape: [1, 3, 320, 320], element: .f32)
    func heads(_ cells: [Int]) -> [TensorSpec] {
      [80, 32].flatMap { (width: Int) in
        cells.map { (count: Int) in TensorSpec(name: "\(width)-\(count)", shape: [1, count, width], element: .f32) }
      }
    }
    let pico = heads([1600, 400, 100, 25])
    func reads(_ change: (inout RecipeOverrides) -> Void) -> [String] {
      let doubt = #expect(throws: RecipeDoubt.self) { try infer(floats, pico, change) }
      guard case .reading(_, _, let doubt) = doubt else { return [] }
      return doubt.choices.map(\.reads)
    }
    #expect(reads { $0.decoder = .nanodet } == ["PicoDet", "NanoDet-Plus"])
    #expect(reads { ($0.decoder, $0.origin) = (.nanodet, .middle) } == ["PicoDet"])
    #expect(reads { ($0.decoder, $0.origin, $0.color) = (.nanodet, .middle, .rgb) } == ["PicoDet"])
    #expect(reads { ($0.decoder, $0.origin, $0.normalization) = (.nanodet, .middle, .imagenet) } == ["PicoDet"])
    let said = try infer(floats, pico) {
      ($0.decoder, $0.origin, $0.color, $0.normalization) = (.nanodet, .middle, .rgb, .imagenet)
    }
    #expect(said.input.color == .rgb && said.input.mean == Normalization.imagenet.values.mean)
    let own = try infer(floats, pico) {
      ($0.decoder, $0.origin, $0.color, $0.mean) = (.nanodet, .middle, .bgr, [1])
    }
    #expect(own.input.color == .bgr && own.input.mean == [1])
    // NanoDet and NanoDet-Plus take theirs alike.
    let plus = try infer(floats, pico) { ($0.decoder, $0.origin) = (.nanodet, .corner) }
    #expect(plus.input.color == .bgr && plus.input.mean == [103.53, 116.28, 123.675])
    #expect(throws: Never.self) { try infer(floats, heads([1600, 400, 100])) { $0.decoder = .nanodet } }
    // Each way of reading that is offered is taken when it is said.
    let rows = [TensorSpec(name: "out", shape: [1, 2100, 85], element: .f32)]
    #expect(throws: RecipeDoubt.self) {
      try infer(floats, rows) { ($0.decoder, $0.normalization) = (.yolov5, Normalization.none) }
    }
    let six = try infer(floats, rows) { ($0.decoder, $0.normalization) = (.yolov5, .unit) }
    #expect(six.input.color == .rgb && six.input.scale == [255])
    let lines = [TensorSpec(name: "out", shape: [1, 1, 320, 320], element: .f32)]
    #expect(throws: RecipeDoubt.self) {
      try infer(floats, lines) { ($0.decoder, $0.normalization) = (.textLines, .imagenet) }
    }
  }

  @Test("A conversion that turned the channels round turns the order of a family, but not what is said of it")
  func reversed() throws {
    let input = TensorSpec(name: "in", shape: [1, 3, 224, 224], element: .f32)
    let cells = TensorSpec(name: "out", shape: [1, 28 * 28 + 14 * 14 + 7 * 7, 85], element: .f32)
    func color(
      _ isReversed: Bool?, _ known: InputRecipe.Color? = nil, said: InputRecipe.Color? = nil
    ) throws -> InputRecipe.Color {
      var (facts, overrides) = (NetworkFacts(), RecipeOverrides())
      (facts.isReversed, facts.color, overrides.color) = (isReversed, known, said)
      return try InferredRecipe(
        path: "net", inputs: [input], outputs: [cells], facts: facts, overrides: overrides, labels: []
      ).recipe().input.color
    }
    #expect(try color(nil) == .bgr && color(false) == .bgr && color(true) == .rgb)
    #expect(try color(true, .bgr) == .bgr && color(true, said: .bgr) == .bgr)
  }

  @Test("Outputs that tell nothing are asked about; a task has its usual decoder, but for detection")
  func tasks() throws {
    let odd = choices(of: #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [Self.odd]) })
    #expect(odd == [.mask, .poseHeatmap, .poseHeatmap, .raw])
    #expect(try infer(Self.bytes, [Self.odd]) { $0.task = .saliency }.output.decoder == .heatmap)
    let doubt = #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [Self.odd]) { $0.task = .detection } }
    #expect(doubt?.reason.contains("no way to read a detection network fits that") == true)
    let rows = TensorSpec(name: "out", shape: [2, 7], element: .f32)
    let several = #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [rows]) { $0.task = .detection } }
    #expect(several?.reason.contains("several ways to read a detection network") == true)
    #expect(choices(of: several) == [.yoloOBB, .finished, .finished, .finished, .finished])
    let boxes = try infer(Self.bytes, [Self.odd]) { ($0.task, $0.decoder) = (.detection, .boxes) }
    #expect(boxes.output.decoder == .boxes && boxes.output.threshold == 0.25)
    #expect(try infer(Self.bytes, [Self.odd]) { $0.decoder = .vector }.task == .embedding)
  }

  @Test("Steps of characters may be text; which characters is asked for, and not an error")
  func characters() throws {
    for shape in [[26, 1, 37], [nil, 1, 37], [26, nil, 37], [1, 26, 37]] as [[Int?]] {
      let steps = TensorSpec(name: "out", shape: shape, element: .f32)
      let doubt = #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [steps]) }
      #expect(choices(of: doubt).contains(.ctc), "\(shape)")
      #expect(throws: RecipeDoubt.characters(network: "net")) { try infer(Self.bytes, [steps]) { $0.decoder = .ctc } }
      let labels = (0..<36).map { "\($0)" }
      #expect(throws: RecipeDoubt.blank(network: "net")) {
        try infer(Self.bytes, [steps], labels: labels) { $0.decoder = .ctc }
      }
      let said = try infer(Self.bytes, [steps], labels: labels) { ($0.decoder, $0.background) = (.ctc, 36) }
      #expect(said.labels == labels && said.output.background == 36)
    }
  }

  @Test("An open batch offers what a batch of one does")
  func openBatch() throws {
    let open = TensorSpec(name: "out", shape: [nil, 7], element: .f32)
    let one = TensorSpec(name: "out", shape: [1, 7], element: .f32)
    let found = choices(of: #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [open]) })
    #expect(found == choices(of: #expect(throws: RecipeDoubt.self) { try infer(Self.bytes, [one]) }))
    #expect(found.contains(.classes) && Set(found).isDisjoint(with: [.mask, .heatmap, .keypoints]), "\(found)")
  }

  private func choices(of doubt: RecipeDoubt?) -> [OutputRecipe.Decoder] {
    guard case .reading(_, _, let doubt) = doubt else { return [] }
    return doubt.choices.map(\.output.decoder)
  }

  private func doubt(_ outputs: [TensorSpec], _ task: ModelTask? = nil) -> GuessDoubt {
    if let task { return GuessDoubt(task, [Self.bytes], outputs, labels: 0) }
    do throws(GuessDoubt) {
      _ = try Guess.read(inputs: [Self.bytes], outputs: outputs, labels: 0)
      preconditionFailure("it was guessed")
    } catch { return error }
  }

  @Test("One channel is gray")
  func gray() throws {
    let input = TensorSpec(name: "in", shape: [1, 28, 28, 1], element: .u8)
    #expect(try infer(input, [TensorSpec(name: "out", shape: [1, 1000], element: .f32)]).input.color == .gray)
  }

  @Test("A doubt says what is in doubt, and leaves the way out to whoever asked")
  func doubts() {
    let cases: [(RecipeDoubt, String)] = [
      (.reading(network: "net", outputs: [Self.odd], doubt([Self.odd])), "does not tell what it is for"),
      (.reading(network: "net", outputs: [], doubt([], .pose)), "no way to read a pose network fits that"),
      (.normalization(network: "net"), "does not say what 0 to 255 becomes"),
      (.otherTask(model: "net", task: .pose, said: .text), "net is for pose, not for text"),
    ]
    for (doubt, words) in cases {
      #expect(doubt.reason.contains(words) && doubt.reason.hasPrefix("net") && !doubt.reason.contains("--"))
      #expect(doubt.fault == Fault(.usage, doubt.reason))
    }
  }
}

struct QuantizedInputTests {
  private func numbers(_ element: ElementType, _ scale: [Float], _ quantization: TensorSpec.Quantization?) -> [[Float]]
  {
    var (recipe, spec) = (InputRecipe(), TensorSpec(name: "in", shape: [1, 8, 8, 3], element: element))
    (recipe.scale, spec.quantization) = (scale, quantization)
    let found = PictureModel.numbers(recipe, spec)
    return [found.mean, found.scale]
  }

  @Test("A network of plain bytes gets them as they are, whatever its family is used to")
  func plain() {
    var recipe = Recipe(task: .detection, input: .usual(.yolov8), output: .usual(.yolov8), labels: [])
    let bytes = TensorSpec(name: "in", shape: [1, 8, 8, 3], element: .u8)
    #expect(!recipe.input.scale.isEmpty)
    #expect(PictureModel.settled(recipe, [bytes]).scale.isEmpty)
    var quantized = bytes
    quantized.quantization = TensorSpec.Quantization(scale: 1 / 255, zero: 0)
    #expect(PictureModel.settled(recipe, [quantized]).scale == [255])
    #expect(PictureModel.settled(recipe, [TensorSpec(name: "in", shape: [1, 3, 8, 8], element: .f32)]).scale == [255])
    // Numbers that somebody said are looked at as such.
    recipe.input.scale = [58, 57, 57]
    #expect(PictureModel.settled(recipe, [bytes]).scale == [58, 57, 57])
  }

  @Test("Bytes become the whole numbers that a quantised input wants")
  func bytes() {
    let signed = TensorSpec.Quantization(scale: 1 / 255, zero: -128)
    #expect(numbers(.i8, [255], signed) == [[128], []])
    #expect(numbers(.i8, [], signed) == [[128], []])
    #expect(numbers(.u8, [255], TensorSpec.Quantization(scale: 1 / 255, zero: 0)) == [[0], []])
    #expect(numbers(.u8, [], TensorSpec.Quantization(scale: 1 / 128, zero: 128)) == [[], []])
    #expect(numbers(.f32, [255], nil) == [[], [255]])
  }
}
