import Base
import Predictions
import TestKit
import Vision

/// What a network answered, written down by the test.
struct Tensors: OutputTensors {
  var specs: [TensorSpec] = []
  var values: [[Float]] = []

  /// One output; without values it holds zeros.
  init(_ shape: [Int], _ values: [Float]? = nil, name: String = "out", element: ElementType = .f32) {
    add(name, shape, values, element)
  }

  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]? = nil, _ element: ElementType = .f32) {
    specs.append(TensorSpec(name: name, shape: shape, element: element))
    self.values.append(values ?? [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    let held = values[index]
    return body(held.span)
  }
}

/// A recipe whose task does not matter to the decoder.
func recipe(
  _ decoder: OutputRecipe.Decoder, labels: [String] = [], _ change: (inout OutputRecipe) -> Void = { _ in }
) -> Recipe {
  var output = OutputRecipe(decoder: decoder)
  change(&output)
  return Recipe(task: .tensor, output: output, labels: labels)
}

/// Decodes as the program does; without a placement the picture has the network's own size.
func decode(
  _ recipe: Recipe, _ tensors: Tensors, on network: Size = Size(width: 1, height: 1), at placement: Placement? = nil
) throws -> [Prediction] {
  let same = Placement(picture: network, network: network, recipe: InputRecipe())
  return try Head(recipe, outputs: tensors.specs, network: network).decode(tensors, at: placement ?? same)
}

func letterbox(_ anchor: InputRecipe.Anchor = .center) -> InputRecipe {
  var input = InputRecipe()
  (input.resize, input.anchor) = (.letterbox, anchor)
  return input
}

func crop() -> InputRecipe {
  var input = InputRecipe()
  input.resize = .crop
  return input
}

func near(_ a: Double, _ b: Double, _ tolerance: Double = 1e-5) -> Bool { abs(a - b) <= tolerance }

/// Left, top, right, bottom agree.
func near(_ box: Rect?, _ sides: [Double], _ tolerance: Double = 1e-5) -> Bool {
  guard let box else { return false }
  return zip([box.x, box.y, box.right, box.bottom], sides).allSatisfy { near($0, $1, tolerance) }
}

/// The same in pixels of a picture of the size.
func near(_ box: Rect?, _ sides: [Double], of size: Size) -> Bool {
  guard let box else { return false }
  let (width, height) = (Double(size.width), Double(size.height))
  let pixels = Rect(x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height)
  return near(pixels, sides, 1e-4)
}

extension SeededRandom {
  /// Any number a broken network may give.
  mutating func wild() -> Float {
    let odd: [Float] = [
      0, -0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e30, 9.3e18,
      -9.3e18, .leastNonzeroMagnitude, 300, 0.5,
    ]
    return Bool.random(using: &self) ? odd.randomElement(using: &self)! : Float.random(in: -3...3, using: &self)
  }
}
