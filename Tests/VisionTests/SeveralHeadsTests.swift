import Base
import Predictions
import Testing
import Vision

/// One network whose outputs are read by several decoders.
struct SeveralHeadsTests {
  private let size = Size(width: 32, height: 32)

  private var tensors: Tensors {
    var tensors = Tensors([1, 6, 2], [16, 0, 16, 0, 8, 0, 8, 0, 0.9, 0, 0.1, 0], name: "boxes")
    tensors.add("weather", [1, 3], [2, 250, 4], .u8)
    tensors.add("rest", [1, 7])
    return tensors
  }

  private func recipe(_ change: (inout OutputRecipe) -> Void = { _ in }) -> Recipe {
    var (boxes, weather) = (OutputRecipe.usual(.yolov8), OutputRecipe.usual(.classes))
    (boxes.scores, boxes.layout, weather.scores, weather.top) = ("boxes", .columns, "weather", 1)
    change(&weather)
    var recipe = Recipe(task: .detection, output: boxes, labels: ["person", "car"])
    recipe.more = [Recipe.Part(output: weather, labels: ["sun", "rain", "snow"])]
    return recipe
  }

  @Test("Each decoder reads its output, with its own labels and its own numbers")
  func both() throws {
    let found = try decode(recipe(), tensors, on: size)
    #expect(found.map(\.kind) == [.detection, .classification] && found.map(\.label) == ["person", "rain"])
    #expect(found[1].score == 250 / 256 && near(found[0].box, [0.375, 0.375, 0.625, 0.625]))
    #expect(try Head(recipe(), outputs: tensors.specs, network: size).unused == ["rest"])
    #expect(recipe().allLabels == ["person", "car", "sun", "rain", "snow"])
  }

  @Test("One that does not fit is refused, and one whose numbers are others is an error")
  func misfit() {
    #expect(throws: Fault.self) { try decode(recipe { $0.scores = "boxes" }, tensors, on: size) }
    #expect(throws: Fault.self) { try decode(recipe { $0.unit = 1 }, tensors, on: size) }
  }
}
