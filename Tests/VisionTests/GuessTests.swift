import Base
import Predictions
import Testing
import Vision

/// The interface of a network, and what it is for.
struct Known: Sendable, CustomTestStringConvertible {
  let name: String
  let input: TensorSpec
  let outputs: [TensorSpec]
  var labels = 0
  var facts = NetworkFacts()
  let decoder: OutputRecipe.Decoder?

  init(
    _ name: String, _ input: [Int?], _ outputs: [[Int?]], element: ElementType = .f32, labels: Int = 0,
    named names: [String] = [], _ decoder: OutputRecipe.Decoder?, facts: NetworkFacts = NetworkFacts()
  ) {
    (self.name, self.labels, self.decoder, self.facts) = (name, labels, decoder, facts)
    self.input = TensorSpec(name: names.first ?? "in", shape: input, element: .f32)
    self.outputs = outputs.enumerated().map {
      TensorSpec(name: names.isEmpty ? "out\($0)" : names[$0 + 1], shape: $1, element: element)
    }
  }

  /// The same with the words of an exporter.
  static func ultralytics(
    _ task: String, labels: Int, _ input: [Int?], _ outputs: [[Int?]], _ decoder: OutputRecipe.Decoder?
  ) -> Known {
    var facts = NetworkFacts()
    (facts.exporter, facts.task) = ("Ultralytics", task)
    facts.labels = (0..<labels).map { "label \($0)" }
    return Known("Ultralytics \(task) \(outputs)", input, outputs, labels: labels, decoder, facts: facts)
  }

  var testDescription: String { name }
  var guess: Guess? {
    Guess.make(inputs: [input], outputs: outputs, facts: facts, labels: labels)
  }
}

@Suite("Guesses")
struct GuessTests {
  static let networks: [Known] = [
    Known("yolox-nano", [1, 3, 416, 416], [[1, 3549, 85]], .yolox),
    Known("yolox-nano as TFLite", [1, 416, 416, 3], [[1, 3549, 85]], .yolox),
    Known("person detector", [1, 3, 192, 192], [[1, 756, 6]], named: ["images", "output"], .yolox),
    Known("rows a cell under other names", [1, 3, 192, 192], [[1, 756, 6]], nil),
    Known("nanodet: class scores and distances", [1, 3, 320, 320], [[1, 2100, 112]], named: ["data", "output"], nil),
    Known("yolov5s", [1, 3, 640, 640], [[1, 25200, 85]], .yolov5),
    Known("yolov8n", [1, 3, 640, 640], [[1, 84, 8400]], .yolov8),
    Known("yolov8n of one class", [1, 3, 640, 640], [[1, 5, 8400]], .yolov8),
    Known("yolov8 of three classes with its labels", [1, 3, 64, 64], [[1, 7, 84]], labels: 3, .yolov8),
    Known("the same without", [1, 3, 64, 64], [[1, 7, 84]], nil),
    Known("a pose or 52 classes", [1, 3, 640, 640], [[1, 56, 8400]], nil),
    Known("boxes with an angle or 16 classes", [1, 3, 640, 640], [[1, 20, 8400]], nil),
    Known("faces with points or 11 classes", [1, 3, 640, 640], [[1, 25200, 16]], nil),
    Known("boxes and mask coefficients", [1, 3, 640, 640], [[1, 116, 8400], [1, 32, 160, 160]], nil),
    .ultralytics("detect", labels: 3, [1, 3, 64, 64], [[1, 7, 84]], .yolov8),
    .ultralytics("detect", labels: 2, [1, 3, 64, 64], [[1, 300, 6]], .finished),
    .ultralytics("classify", labels: 5, [1, 3, 64, 64], [[1, 5]], .classes),
    .ultralytics("detect", labels: 4, [1, 3, 64, 64], [[1, 7, 84]], nil),
    .ultralytics("pose", labels: 1, [1, 3, 64, 64], [[1, 56, 84]], .yoloPose),
    .ultralytics("pose", labels: 1, [1, 3, 64, 64], [[1, 300, 57]], .yoloPose),
    .ultralytics("pose", labels: 1, [1, 3, 64, 64], [[1, 57, 84]], nil),
    .ultralytics("obb", labels: 15, [1, 3, 64, 64], [[1, 20, 84]], .yoloOBB),
    .ultralytics("obb", labels: 15, [1, 3, 64, 64], [[1, 19, 84]], nil),
    .ultralytics("obb", labels: 15, [1, 3, 64, 64], [[1, 300, 7]], .yoloOBB),
    .ultralytics("segment", labels: 3, [1, 3, 64, 64], [[1, 39, 84], [1, 32, 16, 16]], .yoloSegment),
    .ultralytics("segment", labels: 3, [1, 64, 64, 3], [[1, 16, 16, 32], [1, 39, 84]], .yoloSegment),
    .ultralytics("segment", labels: 3, [1, 3, 64, 64], [[1, 300, 38], [1, 32, 16, 16]], .yoloSegment),
    .ultralytics("segment", labels: 4, [1, 3, 64, 64], [[1, 39, 84], [1, 32, 16, 16]], nil),
    .ultralytics("segment", labels: 3, [nil, 3, nil, nil], [[nil, 39, nil], [nil, 32, nil, nil]], .yoloSegment),
    .ultralytics("semantic", labels: 19, [1, 3, 64, 64], [[1, 19, 64, 64]], .mask),
    Known(
      "detection transformer", [1, 3, 640, 640], [[1, 300, 80], [1, 300, 4]], named: ["x", "logits", "pred_boxes"], nil),
    Known(
      "torchvision's detector", [1, 3, 640, 640], [[nil, 4], [nil], [nil]], named: ["x", "boxes", "labels", "scores"],
      nil),
    Known("seven columns, whose order is the exporter's", [1, 3, 64, 64], [[2, 7]], nil),
    Known("six columns in two dimensions", [1, 3, 640, 640], [[100, 6]], nil),
    Known("yolov10n", [1, 3, 640, 640], [[1, 300, 6]], .finished),
    Known("DetectionOutput", [1, 3, 300, 300], [[1, 1, 200, 7]], .finished),
    Known("movenet", [1, 192, 192, 3], [[1, 1, 17, 3]], .keypoints),
    Known(
      "rtmpose", [1, 3, 256, 192], [[1, 17, 384], [1, 17, 512]], named: ["input", "simcc_x", "simcc_y"], .simcc),
    Known(
      "rtmpose of a hand", [nil, 3, 256, 256], [[nil, 21, 512], [nil, 21, 512]], named: ["i", "simcc_x", "simcc_y"],
      .simcc),
    Known(
      "two lists under other names", [1, 3, 256, 192], [[1, 17, 384], [1, 17, 512]], named: ["input", "a", "b"], nil),
    Known(
      "posenet", [1, 257, 257, 3], [[1, 9, 9, 17], [1, 9, 9, 34], [1, 9, 9, 64], [1, 9, 9, 1]],
      named: ["sub_2", "float_heatmaps", "float_short_offsets", "float_mid_offsets", "float_segments"], .posenet),
    Known("maps and offsets under other names", [1, 257, 257, 3], [[1, 9, 9, 17], [1, 9, 9, 34]], nil),
    Known("hrnet: points, or classes", [1, 3, 256, 192], [[1, 17, 64, 48]], nil),
    Known("mobilenet v2", [1, 224, 224, 3], [[1, 1001]], element: .u8, .classes),
    Known("mobilenet v2 of torchvision", [nil, 3, 224, 224], [[nil, 1000]], .classes),
    Known("squeezenet", [1, 3, 224, 224], [[1, 1000, 1, 1]], .classes),
    Known("ten classes with their labels", [1, 3, 32, 32], [[1, 10]], labels: 10, .classes),
    Known("ten numbers: digits, or five points of a face", [1, 3, 112, 112], [[1, 10]], nil),
    Known("the number of a class, or of anything", [1, 3, 224, 224], [[1, 1]], element: .i64, nil),
    Known("a list of whole numbers", [1, 3, 224, 224], [[1, 1000]], element: .i64, nil),
    Known("a feature map of ten channels", [1, 256, 256, 3], [[1, 256, 256, 10]], nil),
    Known("FastestDet", [1, 3, 352, 352], [[1, 85, 22, 22]], nil),
    Known("RetinaFace", [1, 3, 640, 640], [[1, 16800, 4], [1, 16800, 2], [1, 16800, 10]], .retinaface),
    Known("RetinaFace, otherwise ordered", [1, 3, 96, 64], [[1, 252, 10], [1, 252, 4], [1, 252, 2]], .retinaface),
    Known("other priors than RetinaFace's", [1, 3, 640, 640], [[1, 25200, 4], [1, 25200, 2], [1, 25200, 10]], nil),
    Known("RetinaFace in one output", [1, 3, 640, 640], [[1, 16800, 16]], nil),
    Known(
      "SCRFD", [1, 3, 640, 640], [1, 4, 10].flatMap { [[12800, $0], [3200, $0], [800, $0]] }, .scrfd),
    Known(
      "SCRFD with a batch, stride by stride", [1, 3, 320, 640],
      [6400, 1600, 400].flatMap { rows in [1, 4, 10].map { [1, rows, $0] } }, .scrfd),
    Known("SCRFD without points", [1, 3, 640, 640], [1, 4].flatMap { [[12800, $0], [3200, $0], [800, $0]] }, nil),
    Known("NanoDet-Plus", [1, 3, 416, 416], [[1, 3598, 112]], nil),
    Known(
      "PicoDet's heads", [1, 3, 320, 320], [80, 32].flatMap { width in [1600, 400, 100, 25].map { [1, $0, width] } },
      nil),
    Known("a map as large as neither picture nor network", [1, 3, 64, 64], [[1, 19, 39, 84]], nil),
    Known("seventeen points in space", [1, 3, 256, 256], [[1, 17, 3]], nil),
    Known("seven segments with its labels", [1, 96, 96, 3], [[1, 12]], labels: 12, .classes),
    Known("seven segments without", [1, 96, 96, 3], [[1, 12]], nil),
    Known("deeplab", [1, 513, 513, 3], [[1, 513, 513]], element: .i64, .mask),
    Known("sinet with its labels", [1, 3, 320, 320], [[1, 2, 320, 320]], labels: 2, .mask),
    Known("sinet without", [1, 3, 320, 320], [[1, 2, 320, 320]], nil),
    Known("21 channels", [1, 3, 320, 320], [[1, 21, 320, 320]], .mask),
    Known("aesthetic score", [1, 512], [[1, 1]], .number),
    Known("21 maps a quarter as large: points of a hand, or classes", [1, 3, 256, 256], [[1, 21, 64, 64]], nil),
    Known("17 maps with labels, which may name points", [1, 3, 256, 192], [[1, 17, 64, 48]], labels: 17, nil),
    Known("5 maps with labels", [1, 3, 256, 192], [[1, 5, 64, 48]], labels: 5, .mask),
    Known("150 maps a quarter as large", [1, 3, 1024, 1024], [[1, 150, 256, 256]], .mask),
    Known("text detector: a mask or a map", [1, 3, 544, 800], [[1, 1, 544, 800]], nil),
    Known("text reader: the alphabet is the owner's", [1, 3, 32, 220], [[1, 55, 97]], nil),
    Known("re-identification: a vector or classes", [1, 3, 256, 128], [[1, 256]], nil),
    Known("embedding", [1, 224, 224, 3], [[1, 1, 1, 1024]], element: .u8, nil),
    Known("attention centre", [1, 480, 640, 3], [[1, 2]], nil),
    Known("ultraface", [1, 3, 240, 320], [[1, 4420, 2], [1, 4420, 4]], nil),
    Known("ssd of TFLite", [1, 300, 300, 3], [[1, 10, 4], [1, 10], [1, 10], [1]], .finished),
    Known("nsfw-resnet", [128, 224, 224, 3], [[128], [128, 2]], nil),
    Known("no outputs", [1, 3, 8, 8], [], nil),
    Known("an output without dimensions", [1, 3, 8, 8], [[]], nil),
    Known("an output that is open throughout", [1, 3, 8, 8], [[nil, nil, nil]], nil),
  ]

  @Test("a network is known by its shapes, or its owner is asked", arguments: networks)
  func known(known: Known) {
    #expect(known.guess?.output.decoder == known.decoder)
    if let guess = known.guess { #expect(!guess.why.isEmpty) }
  }

  @Test("YuNet is known by its names, and takes its pictures as YuNet does")
  func yunet() {
    let ports: [(String, Int)] = [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)]
    var outputs: [TensorSpec] = []
    for (name, width) in ports {
      for (stride, cells) in [(8, 1600), (16, 400), (32, 100)] {
        outputs.append(TensorSpec(name: "\(name)_\(stride)", shape: [1, cells, width], element: .f32))
      }
    }
    let input = TensorSpec(name: "in", shape: [1, 3, 320, 320], element: .f32)
    let guess = Guess.make(inputs: [input], outputs: outputs, labels: 0)
    #expect(guess?.output.decoder == .yunet && guess?.task == .detection)
    #expect(guess?.input?.color == .bgr && guess?.input?.resize == .letterbox)
  }

  @Test("the guessed recipe fits the network it was guessed from", arguments: networks.filter { $0.decoder != nil })
  func fits(known: Known) throws {
    let guess = try #require(known.guess)
    let size = PictureShape([known.input])?.size
    let recipe = Recipe(task: guess.task, input: guess.input ?? InputRecipe(), output: guess.output)
    _ = try Head(recipe, outputs: known.outputs, network: size ?? Size(width: 1, height: 1))
  }

  @Test("the channels of a picture are the dimension of 1 or 3; the owner decides where both could be")
  func pictureShape() {
    func shape(_ sides: [Int?], _ layout: InputRecipe.Layout? = nil) -> PictureShape? {
      PictureShape([TensorSpec(name: "in", shape: sides, element: .f32)], layout: layout)
    }
    #expect(shape([1, 3, 240, 320])?.size == Size(width: 320, height: 240))
    #expect(shape([1, 240, 320, 3])?.size == Size(width: 320, height: 240))
    #expect(shape([1, 240, 320, 3])?.layout == .nhwc)
    #expect(shape([nil, 1, nil, nil])?.size == nil)
    #expect(shape([nil, 1, nil, nil])?.channels == 1)
    #expect(shape([1, 1, 32, 3])?.layout == .nhwc)
    #expect(shape([1, 3, 32, 3], .nhwc)?.size == Size(width: 32, height: 3))
    #expect(shape([1, 3, 32, 3])?.layout == .nchw)
    #expect(shape([1, 4, 32, 32]) == nil)
    #expect(shape([1, 512]) == nil)
    #expect(PictureShape([]) == nil)
  }
}
