import Base
import Predictions
import Testing
import Vision

/// NanoDet, PicoDet and FastestDet.
///
/// The numbers that are expected were computed apart from this program.
@Suite("Boxes from distances")
struct DistanceTests {
  private let network = Size(width: 40, height: 24)
  private static let bins: [Float] = [
    0, 1, 2, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0,
  ]

  /// `[1,cells,3 classes + 32]` with one object.
  private func rows(_ count: Int) -> Tensors {
    var values = [Float](repeating: 0, count: count * 35)
    values.replaceSubrange(7 * 35..<8 * 35, with: [0.1, 0.7, 0.2] + Self.bins)
    return Tensors([1, count, 35], values)
  }

  private func nanodet(_ origin: OutputRecipe.Origin?, labels: [String] = []) -> Recipe {
    recipe(.nanodet, labels: labels) { ($0.threshold, $0.origin) = (0.35, origin) }
  }

  /// Wide enough that nothing is cut.
  private func wide(_ tensors: Tensors, _ recipe: Recipe) throws -> [Prediction] {
    let placement = Placement(
      picture: Size(width: 140, height: 124),
      region: Rect(x: 50, y: 50, width: 40, height: 24), network: network, recipe: InputRecipe())
    return try decode(recipe, tensors, on: network, at: placement)
  }

  private func lies(_ found: Prediction, _ sides: [Double]) -> Bool {
    guard let box = found.box else { return false }
    let told = [box.x * 140 - 50, box.y * 124 - 50, box.right * 140 - 50, box.bottom * 124 - 50]
    return zip(told, sides).allSatisfy { abs($0 - $1) < 1e-3 }
  }

  @Test("nanodet: a side is the mean of a distribution, from the middle of a cell or from its corner")
  func together() throws {
    let labels = ["a", "b", "c"]
    let middle = try wide(rows(23), nanodet(.middle, labels: labels))
    #expect(middle.count == 1 && middle[0].label == "b" && middle[0].score == 0.7)
    #expect(lies(middle[0], [-1.38551, 3.7299, 49.77609, 30.16033]))
    let corner = try wide(rows(23), nanodet(.corner))
    #expect(corner.count == 1 && lies(corner[0], [-5.38551, -0.2701, 45.77609, 26.16033]))
  }

  @Test("nanodet: with four strides in one output it is NanoDet-Plus, with three it must be said")
  func origins() throws {
    let plus = try wide(rows(24), nanodet(nil))
    #expect(plus.count == 1 && lies(plus[0], [-5.38551, -0.2701, 45.77609, 26.16033]))
    let fault = #expect(throws: Fault.self) { try wide(rows(23), nanodet(nil)) }
    #expect(fault?.kind == .badInput && fault?.message.contains("origin: middle or origin: corner") == true)
  }

  @Test("nanodet: number after number is read alike")
  func columns() throws {
    let straight = rows(23)
    let turned = (0..<35).flatMap { number in (0..<23).map { straight.values[0][$0 * 35 + number] } }
    #expect(
      try wide(Tensors([1, 35, 23], turned), nanodet(.middle)) == wide(straight, nanodet(.middle)))
  }

  /// An output of scores and one of distances a stride, in an order.
  private func levels(_ cells: [Int], classes: Int = 3, names: (String, String) = ("s", "d"), isSplit: Bool) -> Tensors
  {
    var tensors = Tensors([0])
    (tensors.specs, tensors.values) = ([], [])
    func add(_ level: Int, _ width: Int, _ name: String) {
      var values = [Float](repeating: 0, count: cells[level] * width)
      if level == 0 {
        let object: [Float] = name == names.0 ? [0.1, 0.7] + [Float](repeating: 0, count: width - 2) : Self.bins
        values.replaceSubrange(7 * width..<8 * width, with: object)
      }
      tensors.add("\(name)\(level)", [1, cells[level], width], values)
    }
    let order =
      cells.indices.flatMap { isSplit ? [($0, true)] : [($0, true), ($0, false)] }
      + (isSplit ? cells.indices.reversed().map { ($0, false) } : [])
    for (level, isScores) in order { add(level, isScores ? classes : 32, isScores ? names.0 : names.1) }
    return tensors
  }

  @Test("nanodet: an output of scores and one of distances a stride, in any order, are told apart by their shapes")
  func apart() throws {
    for isSplit in [true, false] {
      let three = try wide(levels([15, 6, 2], isSplit: isSplit), nanodet(nil))
      #expect(three.count == 1 && lies(three[0], [-1.38551, 3.7299, 49.77609, 30.16033]))
      let pico = try wide(levels([15, 6, 2, 1], isSplit: isSplit), nanodet(.middle))
      #expect(pico.count == 1 && pico[0].label == "class 1" && lies(pico[0], [-1.38551, 3.7299, 49.77609, 30.16033]))
      #expect(throws: Fault.self) { try wide(levels([15, 6, 2, 1], isSplit: isSplit), nanodet(nil)) }
    }
  }

  @Test("nanodet: with 32 classes only names tell scores from distances")
  func alike() throws {
    let named = levels([15, 6, 2], classes: 32, names: ("cls", "bbox"), isSplit: true)
    let found = try wide(named, nanodet(.middle))
    #expect(found.count == 1 && found[0].label == "class 1")
    let fault = #expect(throws: Fault.self) {
      try wide(levels([15, 6, 2], classes: 32, isSplit: true), nanodet(.middle))
    }
    #expect(fault?.message.contains("names do not tell which") == true)
  }

  @Test("nanodet: doubles of a class go, those of others stay")
  func doubles() throws {
    var tensors = rows(23)
    tensors.values[0].replaceSubrange(8 * 35..<9 * 35, with: [0.1, 0.6, 0.2] + Self.bins)
    #expect(try wide(tensors, nanodet(.middle)).map(\.score) == [0.7])
    tensors.values[0].replaceSubrange(8 * 35..<9 * 35, with: [0.6, 0.1, 0.2] + Self.bins)
    #expect(try wide(tensors, nanodet(.middle)).map(\.label) == ["class 1", "class 0"])
  }

  @Test("distances are asked about, each network with all that has to be said")
  func asked() {
    func choices(_ shapes: [[Int]]) -> [GuessDoubt.Choice] {
      let input = TensorSpec(name: "in", shape: [1, 3, 24, 40], element: .f32)
      let outputs = shapes.enumerated().map { TensorSpec(name: "out\($0)", shape: $1, element: .f32) }
      let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [input], outputs: outputs, labels: 0) }
      return (doubt?.choices ?? []).filter { $0.output.decoder == .nanodet }
    }
    #expect(choices([[1, 23, 112]]).map(\.output.origin) == [.middle, .corner])
    #expect(choices([[1, 24, 112]]).map(\.output.origin) == [.corner])
    #expect(choices([[1, 23, 32]]).isEmpty)
    let three = [15, 6, 2].flatMap { [[1, $0, 80], [1, $0, 32]] }
    #expect(choices(three).map(\.reads) == ["NanoDet"])
    let four = choices(three + [[1, 1, 80], [1, 1, 32]])
    #expect(four.map(\.reads) == ["PicoDet", "NanoDet-Plus"])
    #expect(four.first?.color == .rgb && four.first?.normalization == "imagenet")
  }

  // MARK: FastestDet

  private let strip = Size(width: 64, height: 32)

  /// `[1,7,2,4]` with one object in cell 2,1.
  private var map: Tensors {
    var values = [Float](repeating: 0, count: 56)
    for (plane, value) in [Float(0.9), 0.3, -0.4, -1, -0.5, 0.1, 0.8].enumerated() { values[plane * 8 + 6] = value }
    return Tensors([1, 7, 2, 4], values)
  }

  @Test("fastestdet: offsets through tanh, sides through the sigmoid, and a score of both probabilities")
  func fastest() throws {
    let said = recipe(.fastestdet, labels: ["a", "b"]) { $0.threshold = 0.65 }
    let found = try decode(said, map, on: strip)
    #expect(found.count == 1 && found[0].label == "b" && near(Double(found[0].score!), 0.858581, 1e-6))
    #expect(near(found[0].box, [28.05488, 3.88017, 45.26713, 15.96147], of: strip))
    let last = (0..<8).flatMap { cell in (0..<7).map { map.values[0][$0 * 8 + cell] } }
    #expect(try decode(said, Tensors([1, 2, 4, 7], last), on: strip) == found)
    #expect(try decode(recipe(.fastestdet) { $0.threshold = 0.9 }, map, on: strip).isEmpty)
  }

  @Test("fastestdet: numbers that are no probabilities are told")
  func noScores() {
    var tensors = map
    tensors.values[0][6] = 3
    let fault = #expect(throws: Fault.self) { try decode(recipe(.fastestdet), tensors, on: strip) }
    #expect(fault?.kind == .unsupported)
  }

  @Test("fastestdet is asked about: a map of channels may be anything")
  func fastestAsked() {
    let input = TensorSpec(name: "in", shape: [1, 3, 352, 352], element: .f32)
    let output = TensorSpec(name: "out", shape: [1, 85, 22, 22], element: .f32)
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [input], outputs: [output], labels: 0) }
    #expect(doubt?.choices.contains { $0.output.decoder == .fastestdet } == true)
  }
}
