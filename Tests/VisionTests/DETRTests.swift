import Base
import Predictions
import Testing
import Vision

@Suite("Detection transformers")
struct DETRTests {
  private let network = Size(width: 64, height: 32)

  /// Three queries; the second sees class 1 at left 16, top 8, right 48, bottom 24.
  private func apart(_ logits: [Float]) -> Tensors {
    var tensors = Tensors([1, 3, 3], [-6, -6, 2] + logits + [-6, -6, 2], name: "logits")
    tensors.add("pred_boxes", [1, 3, 4], [0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9, 0.1, 0.1])
    return tensors
  }

  private func recipe(_ activation: OutputRecipe.Activation?, _ labels: Int = 0) -> Recipe {
    var output = OutputRecipe.usual(.detr)
    output.activation = activation
    return Recipe(task: .detection, output: output, labels: (0..<labels).map { "label \($0)" })
  }

  @Test("With softmax the last class is no object, said or told by one label less")
  func softmax() throws {
    for recipe in [recipe(.softmax), recipe(nil, 2), recipe(.softmax, 2), recipe(.softmax, 3)] {
      let found = try decode(recipe, apart([0, 3, 1]), on: network)
      #expect(found.count == 1 && near(found[0].box, [0.25, 0.25, 0.75, 0.75]))
      // exp(3) of exp(0) + exp(3) + exp(1)
      #expect(near(Double(found[0].score!), 0.843795, 1e-5))
      #expect(found[0].label == (recipe.labels.isEmpty ? "class 1" : "label 1"))
    }
  }

  @Test("A query that is sure of nothing is none, however small its other logits")
  func sureOfNothing() throws {
    #expect(try decode(recipe(.softmax), apart([-90, -80, 90]), on: network).isEmpty)
  }

  @Test("With sigmoid every class is one, and a query has each that reaches the threshold")
  func sigmoid() throws {
    for recipe in [recipe(.sigmoid), recipe(nil, 3)] {
      let found = try decode(recipe, apart([1, 3, -4]), on: network)
      let middle = found.filter { near($0.box, [0.25, 0.25, 0.75, 0.75]) }
      #expect(found.count == 4 && middle.map { near(Double($0.score!), 0.952574, 1e-5) } == [true, false])
      #expect(near(Double(middle[1].score!), 0.731059, 1e-5))
    }
  }

  @Test("Ultralytics' RT-DETR gives boxes and probabilities in one row")
  func rows() throws {
    var values = [Float](repeating: 0, count: 300 * 7)
    values.replaceSubrange(7..<14, with: [0.5, 0.5, 0.5, 0.25, 0.1, 0.2, 0.9])
    let shown = Placement(picture: Size(width: 640, height: 480), network: network, recipe: InputRecipe())
    let found = try decode(recipe(nil), Tensors([1, 300, 7], values), on: network, at: shown)
    #expect(found.map(\.label) == ["class 2"] && near(found[0].box, [0.25, 0.375, 0.75, 0.625]))
  }

  @Test("Logits that are called probabilities are an error")
  func unsaid() {
    let logits = Tensors([1, 300, 7], [Float](repeating: -6, count: 2100))
    #expect(throws: Fault.self) { try decode(recipe(nil), logits, on: network) }
  }
}
