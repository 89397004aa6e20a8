import Base
import Predictions
import Testing
import Vision

/// One object as Ultralytics' families give it: what stands behind its box is the task's own.
struct YOLOAnswer: Sendable {
  enum Manner: String, Sendable, CaseIterable { case cells, anchors, finished }

  static let network = Size(width: 64, height: 64)
  /// Cells of strides 8, 16 and 32.
  static let cells = 84

  /// Left, top, right, bottom in pixels of the network.
  var box: [Float] = [8, 18, 40, 46]
  var isCentred = false
  var score: Float = 0.9
  var label = 1
  var classes = 2
  var extras: [Float] = []
  /// Numbers of the extras that are told in pixels: those are divided by `unit`.
  var places: Set<Int> = []

  /// One output with this object and nothing else; `unit` is what a coordinate counts in.
  func tensors(_ manner: Manner, unit: Float = 1, more: [YOLOAnswer] = []) -> Tensors {
    let all = [self] + more
    let rows = all.map { $0.row(manner, unit) }
    let width = rows[0].count
    let count = manner == .finished ? 300 : manner == .anchors ? 3 * Self.cells : Self.cells
    var values = [Float](repeating: 0, count: count * width)
    for (place, row) in rows.enumerated() {
      for (number, value) in row.enumerated() {
        let box = manner == .finished ? place : 20 + place
        values[manner == .cells ? number * count + box : box * width + number] = value
      }
    }
    return Tensors([1] + (manner == .cells ? [width, count] : [count, width]), values, name: "output0")
  }

  private func row(_ manner: Manner, _ unit: Float) -> [Float] {
    let centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]]
    let place = (manner == .finished && !isCentred ? box : centre).map { $0 / unit }
    let extras = extras.enumerated().map { places.contains($0) ? $1 / unit : $1 }
    var scores = [Float](repeating: 0.01, count: classes)
    scores[label] = manner == .anchors ? score / 0.95 : score
    switch manner {
    case .cells: return place + scores + extras
    case .anchors: return place + [0.95] + scores + extras
    case .finished: return place + [score, Float(label)] + extras
    }
  }
}

/// A picture and how it is shown to the network, with where its pixels go, worked out by hand.
struct Shown: Sendable, CustomTestStringConvertible {
  let picture: Size
  let resize: InputRecipe.Resize
  /// Network pixels from picture pixels: times, then plus.
  let (times, plus): ((Double, Double), (Double, Double))

  static let all = [
    Shown(picture: Size(width: 64, height: 64), resize: .stretch, times: (1, 1), plus: (0, 0)),
    Shown(picture: Size(width: 128, height: 64), resize: .letterbox, times: (0.5, 0.5), plus: (0, 16)),
    Shown(picture: Size(width: 100, height: 200), resize: .letterbox, times: (0.32, 0.32), plus: (16, 0)),
    Shown(picture: Size(width: 128, height: 256), resize: .stretch, times: (0.5, 0.25), plus: (0, 0)),
  ]

  var testDescription: String { "\(picture) \(resize)" }

  var placement: Placement {
    var input = InputRecipe()
    input.resize = resize
    return Placement(picture: picture, network: YOLOAnswer.network, recipe: input)
  }

  /// Picture pixels of a place that is told in fractions of the picture, as network pixels.
  func network(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (x * Double(picture.width) * times.0 + plus.0, y * Double(picture.height) * times.1 + plus.1)
  }

  func isNear(_ box: Rect?, _ sides: [Float], _ slack: Double = 0.01) -> Bool {
    guard let box else { return false }
    let (first, last) = (network(box.x, box.y), network(box.right, box.bottom))
    let (left, top) = (max(Double(sides[0]), plus.0), max(Double(sides[1]), plus.1))
    return zip([first.x, first.y, last.x, last.y], [left, top, Double(sides[2]), Double(sides[3])])
      .allSatisfy { near($0, $1, slack) }
  }
}

@Suite("YOLO boxes with more")
struct YOLOFamilyTests {
  private static let units: [(Float, OutputRecipe.Coordinates?)] = [(1, nil), (64, .fractions)]

  private func recipe(_ decoder: OutputRecipe.Decoder, _ change: (inout OutputRecipe) -> Void = { _ in }) -> Recipe {
    var output = OutputRecipe.usual(decoder)
    change(&output)
    return Recipe(task: decoder.task, output: output, labels: ["a", "b"])
  }

  @Test(
    "A pose has its box, class and points, however its exporter lays them out", arguments: Shown.all,
    YOLOAnswer.Manner.allCases)
  func pose(shown: Shown, manner: YOLOAnswer.Manner) throws {
    for (unit, coordinates) in Self.units {
      for width in [2, 3] {
        var answer = YOLOAnswer()
        for number in 0..<5 {
          let point: [Float] = [Float(17 + 4 * number), Float(20 + 5 * number), 0.5 + Float(number) / 10]
          answer.extras += point.prefix(width)
          answer.places.formUnion([number * width, number * width + 1])
        }
        let said = recipe(.yoloPose) { ($0.coordinates, $0.points) = (coordinates, ["p0", "p1", "p2", "p3", "p4"]) }
        let found = try decode(
          said, answer.tensors(manner, unit: unit), on: YOLOAnswer.network, at: shown.placement)
        #expect(found.count == 1 && found[0].kind == .pose && found[0].label == "b")
        #expect(near(Double(found[0].score!), 0.9, 1e-5) && shown.isNear(found[0].box, answer.box))
        #expect(found[0].points.map(\.name) == ["p0", "p1", "p2", "p3", "p4"])
        for (number, point) in found[0].points.enumerated() {
          let (x, y) = shown.network(point.x, point.y)
          #expect(near(x, Double(17 + 4 * number), 0.01) && near(y, Double(20 + 5 * number), 0.01))
          let wanted = 0.5 + Double(number) / 10
          #expect(point.score.map { near(Double($0), wanted, 1e-5) } ?? (width == 2))
        }
      }
    }
  }

  @Test("Seventeen points are a person's where nothing else is said")
  func person() throws {
    var answer = YOLOAnswer()
    (answer.label, answer.classes) = (0, 1)
    answer.extras = (0..<51).map { Float($0 % 3 == 2 ? 0.5 : Float(20 + $0 / 3)) }
    var output = OutputRecipe.usual(.yoloPose)
    output.threshold = 0.5
    let found = try decode(
      Recipe(task: .pose, output: output), answer.tensors(.cells), on: YOLOAnswer.network)
    #expect(found[0].points.first?.name == "nose" && found[0].points.last?.name == "right-ankle")
  }

  @Test(
    "A turned box has its four corners, and an upright box around them", arguments: Shown.all,
    [YOLOAnswer.Manner.cells, .finished])
  func turned(shown: Shown, manner: YOLOAnswer.Manner) throws {
    for (unit, coordinates) in Self.units {
      // 24 by 10 about (32, 34), turned by 30 degrees.
      var answer = YOLOAnswer(box: [20, 29, 44, 39], isCentred: true)
      answer.extras = [.pi / 6]
      let found = try decode(
        recipe(.yoloOBB) { $0.coordinates = coordinates }, answer.tensors(manner, unit: unit), on: YOLOAnswer.network,
        at: shown.placement)
      let corners = try #require(found.first?.corners)
      #expect(found.count == 1 && found[0].kind == .detection && found[0].label == "b")
      let places = corners.map { shown.network($0.x, $0.y) }
      let wanted = [(24.1077, 23.6699), (44.8923, 35.6699), (39.8923, 44.3301), (19.1077, 32.3301)]
      for (place, want) in zip(places, wanted) { #expect(near(place.x, want.0, 0.01) && near(place.y, want.1, 0.01)) }
      #expect(shown.isNear(found[0].box, [19.1077, 23.6699, 44.8923, 44.3301]))
    }
  }

  @Test("Of turned boxes that show the same the best stays; one that lies across stays, too")
  func doubles() throws {
    var best = YOLOAnswer(box: [16, 28, 48, 36], isCentred: true)
    best.extras = [0.2]
    var (same, across) = (best, best)
    (same.score, same.box, same.extras) = (0.8, [17, 29, 49, 37], [0.25])
    (across.score, across.extras) = (0.7, [0.2 + .pi / 2])
    let found = try decode(
      recipe(.yoloOBB), best.tensors(.cells, more: [same, across]), on: YOLOAnswer.network)
    #expect(found.map { ($0.score! * 10).rounded() } == [9, 7])
  }

  @Test("Whole numbers of a quantised network count as its file says")
  func quantized() throws {
    var answer = YOLOAnswer()
    answer.extras = [0.25, 0.5]
    answer.places = []
    let scale: Float = 1 / 200
    var tensors = answer.tensors(.cells, unit: 64)
    tensors.values[0] = tensors.values[0].map { ($0 / scale - 100).rounded() }
    tensors.specs[0].element = .i8
    tensors.specs[0].quantization = TensorSpec.Quantization(scale: scale, zero: -100)
    let said = recipe(.yoloPose) { ($0.coordinates, $0.points) = (.fractions, ["p"]) }
    let found = try decode(said, tensors, on: YOLOAnswer.network)
    #expect(found.count == 1 && Shown.all[0].isNear(found[0].box, answer.box, 0.5))
    #expect(near(found[0].points[0].x, 0.25, 0.005) && near(found[0].points[0].y, 0.5, 0.005))
  }

  @Test("Ten numbers behind a box of one class are five points or mask coefficients or classes: that is asked")
  func asked() throws {
    let picture = TensorSpec(name: "images", shape: [1, 3, 64, 64], element: .f32)
    let output = TensorSpec(name: "output0", shape: [1, 56, 84], element: .f32)
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [picture], outputs: [output], labels: 0) }
    let offered = Set(doubt?.choices.map(\.output.decoder) ?? [])
    #expect(offered.isSuperset(of: [.yolov8, .yoloPose, .yoloOBB]))
    #expect(doubt?.choices.contains { $0.output.points == OutputRecipe.personPoints } == true)
  }
}
