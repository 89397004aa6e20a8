import Base
import Predictions
import Testing
import Vision

/// Keys that decoders obey, each with the smallest answer that shows it.
@Suite("Keys of recipes")
struct KeyTests {
  private let size = Size(width: 64, height: 64)

  /// `[1, 4 + 2, 2]`: one box in the middle, one that scores nothing.
  private func columns(_ first: Float, _ second: Float, box: [Float] = [32, 32, 16, 8]) -> Tensors {
    Tensors([1, 6, 2], box.flatMap { [$0, 0] } + [first, -9, second, -9])
  }

  @Test("activation makes scores of logits, and without it logits are an error that names it")
  func activation() throws {
    let sigmoid = try decode(recipe(.yolov8) { $0.activation = .sigmoid }, columns(3, 0), on: size)
    #expect(near(Double(sigmoid[0].score!), 0.952574, 1e-5) && sigmoid[0].label == "class 0")
    let softmax = try decode(
      recipe(.yolov8) { ($0.activation, $0.threshold) = (.softmax, 0.6) }, columns(3, 0), on: size)
    #expect(softmax.count == 1 && near(Double(softmax[0].score!), 0.952574, 1e-5))
    let fault = #expect(throws: Fault.self) { try decode(recipe(.yolov8), columns(3, 0), on: size) }
    #expect(fault?.kind == .unsupported && fault?.message.contains("activation sigmoid or softmax") == true)
    var boxes = Tensors([1, 1, 4], [0.1, 0.1, 0.4, 0.4], name: "boxes")
    boxes.add("scores", [1, 1, 2], [0, 3])
    let found = try decode(
      recipe(.boxes) { ($0.activation, $0.background) = (.softmax, 0) }, boxes, on: size)
    #expect(near(Double(found[0].score!), 0.952574, 1e-5) && found[0].label == "class 1")
  }

  @Test("boxes in fractions or pixels, as is said; in the wrong ones they are an error")
  func coordinates() throws {
    let fractions = columns(0.9, 0, box: [0.5, 0.5, 0.25, 0.125])
    let found = try decode(recipe(.yolov8) { $0.coordinates = .fractions }, positive(fractions), on: size)
    #expect(near(found[0].box, [0.375, 0.4375, 0.625, 0.5625]))
    let fault = #expect(throws: Fault.self) { try decode(recipe(.yolov8), positive(fractions), on: size) }
    #expect(fault?.message.contains("coordinates fractions") == true)
    var pixels = Tensors([1, 1, 4], [8, 16, 40, 48], name: "boxes")
    pixels.add("scores", [1, 1, 1], [0.9])
    #expect(
      near(
        try decode(recipe(.boxes) { $0.coordinates = .pixels }, pixels, on: size)[0].box, [0.125, 0.25, 0.625, 0.75]))
    #expect(throws: Fault.self) { try decode(recipe(.boxes), pixels, on: size) }
  }

  private func positive(_ tensors: Tensors) -> Tensors {
    var tensors = tensors
    tensors.values = tensors.values.map { $0.map { max($0, 0) } }
    return tensors
  }

  @Test("rows in the order that columns say; the wrong order is an error or a question")
  func order() throws {
    let paddle = Tensors([2, 6], [3, 0.9, 8, 16, 40, 48, -1, 0, 0, 0, 0, 0])
    let found = try decode(
      recipe(.finished) { $0.columns = [.label, .score, .left, .top, .right, .bottom] }, paddle, on: size)
    #expect(found.map(\.label) == ["class 3"] && near(found[0].box, [0.125, 0.25, 0.625, 0.75]))
    #expect(throws: Fault.self) { try decode(recipe(.finished), paddle, on: size) }
    let seven = Tensors([1, 7], [0, 8, 16, 40, 48, 3, 0.9])
    let ask = #expect(throws: Fault.self) { try decode(recipe(.finished), seven, on: size) }
    #expect(ask?.message.contains("no usual order") == true)
    let said = recipe(.finished) { $0.columns = [.picture, .left, .top, .right, .bottom, .label, .score] }
    #expect(try decode(said, seven, on: size).map(\.label) == ["class 3"])
  }

  @Test("whole numbers stand for what unit and zero say, or the file")
  func quantized() throws {
    let bytes = Tensors([1, 2], [-128, 127], element: .i8)
    #expect(try decode(recipe(.classes), bytes).map(\.score) == [255 / 256, 0])
    var told = bytes
    told.specs[0].quantization = TensorSpec.Quantization(scale: 1 / 512, zero: -128)
    #expect(try decode(recipe(.classes), told).map(\.score) == [255 / 512, 0])
    let said = recipe(.classes) { ($0.unit, $0.zero) = (1 / 1024, -128) }
    #expect(try decode(said, told).map(\.score) == [255 / 1024, 0])
  }

  @Test("a label called background is one, and finished detections must say whether they count it")
  func background() throws {
    let scores = Tensors([1, 3], [0.7, 0.2, 0.1])
    #expect(try decode(recipe(.classes, labels: ["Background", "cat", "dog"]), scores).map(\.label) == ["cat", "dog"])
    let rows = Tensors([1, 1, 6], [8, 16, 40, 48, 0.9, 1])
    let labels = ["background", "cat"]
    #expect(throws: Fault.self) { try decode(recipe(.finished, labels: labels), rows, on: size) }
    let said = recipe(.finished, labels: labels) { $0.background = 0 }
    #expect(try decode(said, rows, on: size).map(\.label) == ["cat"])
  }

  @Test("a flat mask is folded where it is as large as the input, and any other map must lie over it evenly")
  func maps() throws {
    let (wide, half) = (Size(width: 8, height: 4), recipe(.mask, labels: ["a"]) { $0.threshold = 0.5 })
    let flat = Tensors([1, 32], (0..<32).map { $0 < 8 ? 1 : 0 })
    let found = try decode(half, flat, on: wide)
    #expect(found[0].mask?.size == wide && near(found[0].box, [0, 0, 1, 0.25]))
    #expect(throws: Fault.self) { try decode(half, Tensors([1, 1, 39, 84]), on: size) }
    let fault = #expect(throws: Fault.self) { try decode(recipe(.mask), Tensors([1, 1, 64, 64]), on: size) }
    #expect(fault?.message.contains("threshold") == true)
  }

  @Test("mask coefficients are no classes, and scores of four classes are no boxes")
  func others() {
    var masks = Tensors([1, 39, 84], name: "output0")
    masks.add("output1", [1, 32, 16, 16])
    let fault = #expect(throws: Fault.self) { try decode(recipe(.yolov8), masks, on: size) }
    #expect(fault?.message.contains("'output1'") == true)
    var fours = Tensors([1, 5, 4], name: "scores")
    fours.add("boxes", [1, 5, 4])
    #expect(throws: Never.self) { try decode(recipe(.boxes) { $0.threshold = 0.5 }, fours, on: size) }
    var unnamed = Tensors([1, 5, 4], name: "a")
    unnamed.add("b", [1, 5, 4])
    #expect(throws: Fault.self) { try decode(recipe(.boxes), unnamed, on: size) }
  }

  @Test("what a guess finds far outside, or inside out, withdraws it; what its owner says stands")
  func withdrawn() throws {
    var guess = recipe(.yolov8) { $0.threshold = 0.25 }
    let far = positive(columns(0.9, 0, box: [150, 32, 16, 8]))
    #expect(try decode(guess, far, on: size).isEmpty)
    guess.isGuess = true
    let fault = #expect(throws: Fault.self) { try decode(guess, far, on: size) }
    #expect(fault?.message.contains("which was a guess") == true)
    #expect(throws: Fault.self) { try decode(guess, positive(columns(0.9, 0, box: [32, 32, 0, 0])), on: size) }
  }
}
