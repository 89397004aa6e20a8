import Base
import Foundation
import Predictions
import Testing
import Vision

@Suite("Classes")
struct ClassTests {
  @Test("the best few, in order, under their names")
  func best() throws {
    let recipe = recipe(.classes, labels: ["a", "b", "c", "d"]) { $0.top = 2 }
    let found = try decode(recipe, Tensors([1, 4], [0.1, 0.2, 0.4, 0.3]))
    #expect(found.map(\.label) == ["c", "d"])
    #expect(found.map(\.score) == [0.4, 0.3])
    #expect(found.allSatisfy { $0.kind == .classification && $0.box == nil })
  }

  @Test("bytes count in 1/256, and the class that means nothing is left out")
  func quantised() throws {
    let tensors = Tensors([1, 4], [255, 192, 64, 0], element: .u8)
    let found = try decode(
      recipe(.classes, labels: ["background", "cat", "dog", "cow"]) { $0.background = 0 }, tensors)
    #expect(found.map(\.label) == ["cat", "dog", "cow"])
    #expect(found.map(\.score) == [0.75, 0.25, 0])
  }

  @Test("a unit that is told goes before the usual one")
  func unit() throws {
    let found = try decode(recipe(.classes) { $0.unit = 0.25 }, Tensors([1, 2], [1, 3], element: .u8))
    #expect(found.map(\.score) == [0.75, 0.25])
    #expect(found.map(\.label) == ["class 1", "class 0"])
  }

  @Test("softmax makes shares of the whole, also from large numbers")
  func softmax() throws {
    let row: [Float] = [1, 3, 2]
    let whole = row.map { exp(Double($0)) }.reduce(0, +)
    let found = try decode(recipe(.classes) { $0.activation = .softmax }, Tensors([1, 3], row))
    #expect(found.map(\.label) == ["class 1", "class 2", "class 0"])
    for (prediction, value) in zip(found, [3.0, 2, 1]) {
      #expect(near(Double(prediction.score!), exp(value) / whole, 1e-6))
    }
    let large = try decode(recipe(.classes) { $0.activation = .softmax }, Tensors([1, 2], [1e4, 1e4 - 1]))
    #expect(near(Double(large[0].score!), 1 / (1 + exp(-1)), 1e-6))
  }

  @Test("sigmoid makes each score one of its own")
  func sigmoid() throws {
    let found = try decode(recipe(.classes) { $0.activation = .sigmoid }, Tensors([1, 3], [0, 2, -2]))
    for (prediction, value) in zip(found, [2.0, 0, -2]) {
      #expect(near(Double(prediction.score!), 1 / (1 + exp(-value)), 1e-6))
    }
  }

  @Test("what is below the threshold is not said; equal scores come in the order of the classes")
  func threshold() throws {
    let found = try decode(recipe(.classes) { $0.threshold = 0.25 }, Tensors([1, 5], [0.25, 0.2, 0.5, 0.25, 0.24]))
    #expect(found.map(\.label) == ["class 2", "class 0", "class 3"])
  }

  @Test("a row may lie in more dimensions, and may have an output by name")
  func shapes() throws {
    var tensors = Tensors([1, 2], [1, 0], name: "first")
    tensors.add("second", [1, 3, 1, 1], [0, 0, 1])
    let found = try decode(recipe(.classes, labels: ["a", "b", "c"]) { ($0.scores, $0.top) = ("second", 1) }, tensors)
    #expect(found.map(\.label) == ["c"])
  }

  @Test("scores that are no numbers are left out")
  func broken() throws {
    let found = try decode(recipe(.classes), Tensors([1, 4], [.nan, .infinity, 0.5, -.infinity]))
    #expect(found.map(\.label) == ["class 2"])
    #expect(try decode(recipe(.classes) { $0.activation = .softmax }, Tensors([1, 2], [.nan, .infinity])).isEmpty)
    #expect(try decode(recipe(.classes), Tensors([1, 0], [])).isEmpty)
  }
}
