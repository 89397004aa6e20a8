import Base
import Testing
import Vision

/// What strangers' networks were read as, without a word, and were not.
@Suite("Readings that the numbers contradict")
struct WithdrawnTests {
  private let size = Size(width: 320, height: 320)

  private func fault(_ recipe: Recipe, _ tensors: Tensors, on network: Size? = nil) -> String? {
    do {
      _ = try decode(recipe, tensors, on: network ?? size)
      return nil
    } catch { return (error as? Fault)?.message ?? "\(error)" }
  }

  @Test("Points in pixels are not fractions")
  func points() throws {
    var values: [Float] = []
    for point in 0..<17 { values += [64, 96 + Float(point), 0.9] as [Float] }
    var guess = recipe(.keypoints)
    for isGuess in [true, false] {
      guess.isGuess = isGuess
      #expect(fault(guess, Tensors([1, 1, 17, 3], values))?.contains("far outside") == true)
    }
    #expect(fault(recipe(.keypoints) { $0.coordinates = .pixels }, Tensors([1, 1, 17, 3], values)) == nil)
  }

  @Test("Rows of a guess some of which are inside out are read otherwise")
  func rows() {
    var values = [Float](repeating: 0, count: 300 * 6)
    // Left, top, width, height.
    for (row, box) in [[10, 20, 100, 80], [200, 150, 60, 40], [250, 30, 30, 60]].enumerated() {
      values.replaceSubrange(row * 6..<row * 6 + 6, with: box.map { Float($0) } + [0.9, 1])
    }
    var guess = recipe(.finished) { $0.threshold = 0.25 }
    guess.isGuess = true
    #expect(fault(guess, Tensors([1, 300, 6], values))?.contains("inside out") == true)
  }

  @Test("Boxes that the network has decoded itself are no offsets from priors")
  func priors() {
    let network = Size(width: 40, height: 24)
    var tensors = Tensors([1, 46, 4], (0..<46).flatMap { _ in [0.1, 0.2, 0.4, 0.5] as [Float] }, name: "boxes")
    tensors.add("scores", [1, 46, 2], (0..<46).flatMap { $0 == 3 ? [0.1, 0.9] : [1, 0] as [Float] })
    tensors.add("landmarks", [1, 46, 10])
    let face = recipe(.retinaface, labels: ["face"]) { $0.threshold = 0.5 }
    #expect(fault(face, tensors, on: network)?.contains("finished boxes") == true)
  }

  @Test("The best of a network's classes, whose numbers stand beside them, are not all of them")
  func best() {
    var tensors = Tensors([1, 3], [0.5, 0.3, 0.1], name: "values")
    tensors.add("indices", [1, 3], [4, 0, 2], .i64)
    let classes = recipe(.classes) { $0.scores = "values" }
    #expect(fault(classes, tensors)?.contains("not all") == true)
    let picture = TensorSpec(name: "in", shape: [1, 3, 320, 320], element: .f32)
    do {
      _ = try Guess.read(inputs: [picture], outputs: tensors.specs, labels: 0)
      Issue.record("it was guessed")
    } catch { #expect(!error.choices.contains { $0.output.decoder == .classes }) }
  }

  @Test("Distances are no classes, by their name or by how many they are")
  func distances() {
    let picture = TensorSpec(name: "in", shape: [1, 3, 320, 320], element: .f32)
    for (name, isKnown) in [("depth", false), ("disp_map", false), ("classes", true)] {
      let map = TensorSpec(name: name, shape: [1, 320, 320], element: .i32)
      #expect((Guess.make(inputs: [picture], outputs: [map], labels: 0) != nil) == isKnown)
    }
    var guess = recipe(.mask)
    guess.isGuess = true
    let far = Tensors([1, 32, 32], (0..<1024).map { Float($0) }, element: .i32)
    let network = Size(width: 32, height: 32)
    #expect(fault(guess, far, on: network)?.contains("distances") == true)
    guess.isGuess = false
    #expect(fault(guess, far, on: network) == nil)
  }

  @Test("Scores of points beside finished detections are no scores of classes")
  func people() {
    var tensors = Tensors([5, 4], name: "boxes")
    tensors.add("labels", [5], nil, .i64)
    tensors.add("scores", [5])
    tensors.add("keypoints", [5, 17, 3])
    tensors.add("keypoints_scores", [5, 17])
    #expect(fault(recipe(.boxes) { $0.coordinates = .pixels }, tensors)?.contains("finished detections") == true)
  }
}
