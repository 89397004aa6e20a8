import Base
import Predictions
import TestKit
import Testing

@testable import Vision

/// Networks that are shown many frames at once.
struct WindowTests {
  private let transnet = FrameWindow(length: 100, step: 50, keep: 25..<75)!

  @Test("A window whose answers would count twice or never is none")
  func refused() {
    #expect(FrameWindow(length: 100, step: 40, keep: 25..<75) == nil)
    #expect(FrameWindow(length: 100, step: 60, keep: 25..<75) == nil)
    #expect(FrameWindow(length: 70, step: 50, keep: 25..<75) == nil)
    #expect(FrameWindow(length: 100, step: 0, keep: 25..<25) == nil)
    #expect(FrameWindow(length: 5000, step: 5000, keep: 0..<5000) == nil)
    #expect(FrameWindow(length: 1, step: 1, keep: 0..<1) != nil)
  }

  @Test("Each frame belongs to one block, whose window shows it at a place that counts")
  func grid() {
    for window in [
      transnet, FrameWindow(length: 16, step: 16, keep: 0..<16)!, FrameWindow(length: 9, step: 2, keep: 5..<7)!,
    ] {
      for frame in 0..<300 {
        let block = window.block(of: frame)
        #expect(window.kept(by: block).contains(frame))
        #expect(window.keep.contains(frame - window.frames(of: block).lowerBound))
        #expect(window.frames(of: block).count == window.length)
        #expect(window.frames(of: block).upperBound - window.kept(by: block).lowerBound == window.reach)
      }
    }
    #expect(transnet.frames(of: 0) == -25..<75 && transnet.frames(of: 1) == 25..<125)
  }

  @Test("What a part of a film needs around it ends where the film does")
  func around() {
    #expect(transnet.frames(around: 0..<10, of: 1000) == 0..<75)
    #expect(transnet.frames(around: 49..<51, of: 1000) == 0..<125)
    #expect(transnet.frames(around: 120..<150, of: 1000) == 75..<175)
    #expect(transnet.frames(around: 120..<150, of: 160) == 75..<160)
    #expect(transnet.frames(around: 7..<7, of: 160) == 7..<7)
  }

  private func shape(_ sides: [Int?], _ layout: InputRecipe.Layout? = nil, frames: Int = 16) -> PictureShape? {
    PictureShape(
      [TensorSpec(name: "in", shape: sides, element: .u8)], layout: layout,
      window: FrameWindow(length: frames, step: frames, keep: 0..<frames))
  }

  @Test(
    "Frames, rows, columns and channels are told from five sides, and asked for where they can be read in several ways")
  func shapes() {
    #expect(shape([1, 16, 27, 48, 3])?.layout == .nthwc)
    #expect(shape([1, 16, 3, 27, 48])?.layout == .ntchw)
    #expect(shape([1, 3, 16, 27, 48])?.layout == .ncthw)
    #expect(shape([1, 16, 27, 48, 3])?.size == Size(width: 48, height: 27))
    #expect(shape([1, 3, 16, nil, nil])?.size == nil)
    #expect(shape([1, 3, 16, 27, 48], frames: 8) == nil)
    #expect(shape([1, 3, 3, 27, 48], frames: 3) == nil)
    #expect(shape([1, 3, 3, 27, 48], .ncthw, frames: 3)?.layout == .ncthw)
    #expect(shape([1, 16, 27, 48, 4]) == nil && shape([1, 27, 48, 3]) == nil)
    #expect(PictureShape([TensorSpec(name: "in", shape: [1, 16, 27, 48, 3], element: .u8)]) == nil)
    #expect(PictureShape([TensorSpec(name: "in", shape: [1, 27, 48, 3], element: .u8)], layout: .nthwc) == nil)
  }

  private struct Answer: OutputTensors {
    let specs: [TensorSpec]
    let values: [[Float]]

    func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
      let held = values[index]
      return body(held.span)
    }
  }

  private func told(
    _ output: OutputRecipe, _ outputs: [(name: String, sides: [Int?], values: [Float])], labels: [String] = [],
    window: FrameWindow = FrameWindow(length: 4, step: 2, keep: 1..<3)!
  ) throws -> [[Prediction]] {
    var recipe = Recipe(task: output.decoder.task, output: output, labels: labels)
    recipe.input.window = window
    let specs = outputs.map { TensorSpec(name: $0.name, shape: $0.sides, element: .f32) }
    let head = try Head(recipe, outputs: specs, network: Size(width: 8, height: 8))
    let placement = Placement(
      picture: Size(width: 8, height: 8), network: Size(width: 8, height: 8), recipe: recipe.input)
    return try head.decodeWindow(Answer(specs: specs, values: outputs.map(\.values)), at: placement)
  }

  private func boundary(_ change: (inout OutputRecipe) -> Void = { _ in }) -> OutputRecipe {
    var output = OutputRecipe.usual(.boundary)
    (output.scores, output.many) = ("single", "many")
    change(&output)
    return output
  }

  private let two: [(name: String, sides: [Int?], values: [Float])] = [
    ("single", [1, 4, 1], [0.1, 0.25, 0.5, 0.9]), ("many", [1, 4, 1], [0.2, 0.75, 1, 0.8]),
  ]

  @Test(
    "A boundary network tells of each frame that is kept how likely a shot ends, and beside it how likely it is of a transition"
  )
  func boundaries() throws {
    let found = try told(boundary(), two)
    #expect(found.map { $0.map(\.score) } == [[0.25], [0.5]])
    #expect(found.map { $0.map(\.vector) } == [[[0.75]], [[1]]])
    #expect(found.joined().allSatisfy { $0.kind == .shotBoundary && $0.label == nil && $0.box == nil })
    let single = try told(boundary { $0.many = nil }, two)
    #expect(single.map { $0.map(\.vector) } == [[[]], [[]]])
    #expect(try told(boundary { $0.threshold = 0.3 }, two).map(\.count) == [0, 1])
    let raised = try told(
      boundary { $0.activation = .sigmoid }, [("single", [1, 4], [0, 0, 100, 0]), ("many", [1, 4], [0, 0, 0, 0])])
    #expect(raised.map { $0.map(\.score) } == [[0.5], [1]] && raised[0][0].vector == [0.5])
  }

  @Test("Values that are no probabilities, and outputs that cannot be told apart, are refused")
  func boundaryFaults() {
    #expect(throws: Fault.self) { try told(boundary(), [("single", [1, 4, 1], [0, 3, 0, 0]), two[1]]) }
    #expect(throws: Fault.self) { try told(boundary { ($0.scores, $0.many) = (nil, nil) }, two) }
    #expect(throws: Fault.self) { try told(boundary { $0.many = "single" }, two) }
    #expect(throws: Fault.self) { try told(boundary { $0.many = "other" }, two) }
    #expect(throws: Fault.self) { try told(boundary(), [two[0], ("many", [1, 1], [0.5])]) }
    #expect(throws: Fault.self) { try told(boundary(), [("single", [1, 5, 1], [0, 0, 0, 0, 0]), two[1]]) }
  }

  @Test(
    "What other networks tell of each frame is read frame by frame, and what they tell of a window stands with its first"
  )
  func others() throws {
    var classes = OutputRecipe.usual(.classes)
    classes.top = 1
    let rows: [Float] = [1, 0, 0, 0.2, 0.8, 0, 0, 0, 1, 1, 0, 0]
    let each = try told(classes, [("a", [1, 4, 3], rows)], labels: ["x", "y", "z"])
    #expect(each.map { $0.map(\.label) } == [["y"], ["z"]])
    let whole = try told(classes, [("a", [1, 3], [0.1, 0.2, 0.7])], labels: ["x", "y", "z"])
    #expect(whole.map { $0.map(\.label) } == [["z"], []])
    // As many classes as frames.
    let four = try told(classes, [("a", [1, 4], [0.1, 0.2, 0.7, 0])], labels: ["x", "y", "z", "w"])
    #expect(four.map { $0.map(\.label) } == [["z"], []])
    let number = try told(.usual(.number), [("a", [1, 4], [1, 2, 3, 4])])
    #expect(number.map { $0.map(\.score) } == [[2], [3]])
    let vectors = try told(.usual(.vector), [("a", [1, 4, 2], [0, 1, 2, 3, 4, 5, 6, 7])])
    #expect(vectors.map { $0.map(\.vector) } == [[[2, 3]], [[4, 5]]])
  }
}
