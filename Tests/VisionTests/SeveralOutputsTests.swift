import Base
import Predictions
import Testing
import Vision

/// What is read in one of several ways is not read in any: a wrong one would look like an answer.
struct SeveralOutputsTests {
  private let size = Size(width: 32, height: 32)

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return (error as? Fault)?.message ?? "\(error)" }
  }

  @Test(
    "Of outputs that all fit, one must be named; those that do not fit are no reason to ask",
    arguments: [
      (.classes, [1, 10]), (.mask, [1, 3, 32, 32]), (.heatmap, [1, 1, 32, 32]), (.number, [1, 1]), (.vector, [1, 8]),
      (.point, [1, 2]), (.ctc, [1, 5, 3]),
    ] as [(OutputRecipe.Decoder, [Int])])
  func named(decoder: OutputRecipe.Decoder, shape: [Int]) throws {
    let labels = decoder == .ctc ? ["a", "b"] : []
    var two = Tensors(shape, name: "first")
    two.add("second", shape)
    let sentence = message { _ = try decode(recipe(decoder, labels: labels), two, on: size) }
    #expect(sentence.contains("'first', 'second' can each be read by decoder '\(decoder.rawValue)'"), "\(sentence)")
    _ = try decode(recipe(decoder, labels: labels) { $0.scores = "second" }, two, on: size)
    guard decoder != .vector else { return }
    var other = Tensors([1, 4, 4, 7, 2], name: "odd")
    other.add("fits", shape)
    let head = try Head(recipe(decoder, labels: labels), outputs: other.specs, network: size)
    #expect(head.unused == ["odd"])
  }

  @Test("A detector with several outputs beside its boxes takes the one that is called scores, else it must be named")
  func scores() throws {
    var tensors = Tensors([1, 5, 4], name: "boxes")
    tensors.add("left", [1, 5, 3])
    tensors.add("right", [1, 5, 3])
    let sentence = message { _ = try decode(recipe(.boxes), tensors, on: size) }
    #expect(sentence.contains("'left', 'right' can each be its scores"), "\(sentence)")
    _ = try decode(recipe(.boxes) { $0.scores = "right" }, tensors, on: size)
    tensors.add("conf", [1, 5, 3])
    #expect(try Head(recipe(.boxes), outputs: tensors.specs, network: size).unused == ["left", "right"])
  }

  @Test("A question offers each of several outputs by its name")
  func offered() throws {
    let picture = TensorSpec(name: "x", shape: [1, 3, 32, 32], element: .f32)
    let heads = (0..<3).map { TensorSpec(name: "digit_\($0)", shape: [1, 10], element: .f32) }
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [picture], outputs: heads, labels: 0) }
    let classes = doubt?.choices.filter { $0.output.decoder == .classes }.map(\.output.scores)
    #expect(classes == ["digit_0", "digit_1", "digit_2"])
    #expect(doubt?.choices.contains { $0.output.decoder == .ctc } == false)
    for choice in doubt?.choices ?? [] {
      _ = try Head(Recipe(task: choice.output.decoder.task, output: choice.output), outputs: heads, network: size)
    }
  }

  private func choices(_ input: [Int?], _ outputs: [(String, [Int?])]) -> [GuessDoubt.Choice] {
    let picture = TensorSpec(name: "x", shape: input, element: .f32)
    let specs = outputs.map { TensorSpec(name: $0.0, shape: $0.1, element: $0.0 == "labels" ? .i64 : .f32) }
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [picture], outputs: specs, labels: 0) }
    return doubt?.choices ?? []
  }

  @Test("A question offers maps as what families of maps have, with all the words that they need")
  func maps() {
    let lines = choices([1, 3, 64, 96], [("sigmoid_0.tmp_0", [1, 1, 64, 96])]).first { $0.output.decoder == .textLines }
    #expect(lines?.color == .bgr && lines?.normalization == "imagenet" && lines?.output.threshold == 0.6)
    let open = choices([nil, 3, nil, nil], [("fetch_name_0", [nil, 1, nil, nil])])
    #expect(open.contains { $0.output.decoder == .textLines })
    let poses = choices([1, 3, 256, 192], [("heatmaps", [1, 17, 64, 48])]).filter { $0.output.decoder == .poseHeatmap }
    #expect(poses.map(\.output.align) == [nil, .corners])
    let pose = choices([1, 3, 256, 192], [("heatmaps", [1, 17, 64, 48])]).first { $0.output.decoder == .poseHeatmap }
    #expect(pose?.output.points == [])
    let hand = choices([1, 3, 256, 256], [("out", [1, 21, 64, 64])])
    #expect(hand.first { $0.output.decoder == .poseHeatmap }?.output.points.count == 21)
    let net = choices([1, 257, 257, 3], [("a", [1, 9, 9, 17]), ("b", [1, 9, 9, 34])]).first {
      $0.output.decoder == .posenet
    }
    #expect(net?.output.activation == .sigmoid && net?.output.points == [])
    let lists = choices([1, 3, 256, 192], [("p", [1, 133, 384]), ("q", [1, 133, 512])])
    #expect(lists.first { $0.output.decoder == .simcc }?.output.points.count == 133)
  }

  @Test("A fixed batch offers classes, and torchvision's detectors are offered with the number of their first class")
  func batch() {
    #expect(choices([4, 3, 32, 32], [("out", [4, 2])]).contains { $0.output.decoder == .classes })
    let rows = choices([4, 3, 32, 32], [("out", [4, 2])])
    #expect(!rows.contains { [.textLines, .picture].contains($0.output.decoder) })
    #expect(!choices([1, 3, 32, 32], [("out", [4, 2])]).contains { $0.output.decoder == .classes })
    let torchvision = choices([1, 3, 64, 64], [("boxes", [nil, 4]), ("labels", [nil]), ("scores", [nil])])
      .filter { $0.output.coordinates == .pixels }
    #expect(torchvision.map(\.output.first) == [1, nil] && torchvision[0].reads.contains("torchvision"))
    let other = choices([1, 3, 64, 64], [("bbox", [nil, 4]), ("labels", [nil]), ("conf_scores", [nil])])
    #expect(!other.contains { $0.output.first != nil })
  }

  @Test("A row of numbers is no map, and several labels do not name one number")
  func rows() throws {
    let landmarks = Tensors([1, 1, 1, 1404])
    #expect(throws: Fault.self) { try decode(recipe(.heatmap), landmarks, on: size) }
    #expect(throws: Fault.self) { try decode(recipe(.mask) { $0.threshold = 0.5 }, landmarks, on: size) }
    let spec = TensorSpec(name: "y", shape: [1, 1, 1, 1404], element: .f32)
    let picture = TensorSpec(name: "x", shape: [1, 32, 32, 3], element: .u8)
    let doubt = #expect(throws: GuessDoubt.self) { try Guess.read(inputs: [picture], outputs: [spec], labels: 0) }
    let offered = Set(doubt?.choices.map(\.output.decoder) ?? [])
    #expect(offered.isDisjoint(with: [.heatmap, .mask, .keypoints]))
    #expect(try decode(recipe(.number, labels: ["left", "right"]), Tensors([1, 1], [0.5])).first?.label == nil)
    #expect(try decode(recipe(.number, labels: ["left"]), Tensors([1, 1], [0.5])).first?.label == "left")
  }

  @Test("Text whose labels name the background has it for its blank")
  func blank() throws {
    let steps: [Float] = [1, 0, 0, 0, 0, 1, 0, 1, 0]
    let said = recipe(.ctc, labels: ["a", "b", "background"]) { $0.layout = .rows }
    let text = try decode(said, Tensors([1, 3, 3], steps))
    #expect(text.first?.text == "ab")
  }

  @Test("Boxes of which most are inside out are misread, whoever said how; one among many is left out")
  func insideOut() throws {
    func boxes(_ wrong: Int) -> Tensors {
      let right: [Float] = [0.1, 0.1, 0.5, 0.5]
      let turned: [Float] = [0.5, 0.5, 0.2, 0.2]
      var tensors = Tensors([1, 5, 4], (0..<5).flatMap { $0 < wrong ? turned : right }, name: "boxes")
      tensors.add("scores", [1, 5, 1], [Float](repeating: 0.9, count: 5))
      return tensors
    }
    let said = recipe(.boxes) { $0.threshold = 0.25 }
    #expect(try decode(said, boxes(2), on: size).count == 1)
    #expect(message { _ = try decode(said, boxes(3), on: size) }.contains("its boxes are inside out"))
  }
}
