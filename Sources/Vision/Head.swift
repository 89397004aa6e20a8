public import Base
public import Predictions

/// Turns what a network answered about one picture into predictions.
///
/// Made once a model, from its recipe and its output specs; used for every picture, from any thread.
public struct Head: Sendable {
  private let parts: [HeadPart]
  /// Names of outputs that are not read.
  public let unused: [String]

  /// From a recipe, the outputs as the network's file describes them, and the size of its input in pixels.
  ///
  /// Throws `badInput` where outputs and recipe do not fit, saying what was expected.
  public init(_ recipe: Recipe, outputs: [TensorSpec], network: Size) throws(Fault) {
    var parts = [try HeadPart(recipe, outputs, network)]
    for part in recipe.more {
      var other = Recipe(task: part.output.decoder.task, input: recipe.input, output: part.output, labels: part.labels)
      other.isGuess = recipe.isGuess
      parts.append(try HeadPart(other, outputs, network))
    }
    self.parts = parts
    let used = Set(parts.flatMap(\.used))
    unused = outputs.indices.filter { !used.contains($0) }.map { outputs[$0].name }
  }

  /// What a network told of a window: for each frame that is kept, in order, its predictions, of several answers one after the other.
  ///
  /// What is told of the window as a whole stands with the first of those frames. `at` is where the frames' pictures stand in the input.
  public func decodeWindow(
    _ outputs: some OutputTensors, at placement: Placement
  ) throws(Fault) -> [[Prediction]] {
    var found = try parts[0].decodeWindow(outputs, at: placement)
    for part in parts.dropFirst() {
      for (place, more) in try part.decodeWindow(outputs, at: placement).enumerated() { found[place] += more }
    }
    return found
  }

  /// Predictions in the order of their scores, coordinates in fractions of the picture; of several answers one after the other.
  ///
  /// Throws where the numbers are not what the recipe calls them: scores that are no probabilities, boxes far outside.
  public func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var found = try parts[0].decode(outputs, at: placement)
    for part in parts.dropFirst() { found += try part.decode(outputs, at: placement) }
    return found
  }
}

/// What reads one answer of a network.
private struct HeadPart: Sendable {
  private let decoder: any Decoder
  private let recipe: Recipe
  private let quantized: [TensorSpec.Quantization?]
  /// Of a window, which outputs are told frame by frame.
  private let isInTime: [Bool]

  init(_ recipe: Recipe, _ outputs: [TensorSpec], _ network: Size) throws(Fault) {
    let isInTime = outputs.map { output in
      recipe.input.window.map {
        output.isInTime($0.length, readsNumber: [.number, .boundary].contains(recipe.output.decoder))
      } ?? false
    }
    let outputs = zip(outputs, isInTime).map { $1 ? $0.ofFrame : $0 }
    let plan = try DecoderPlan(recipe: recipe, outputs: outputs, network: network).settled().choosing()
    self.recipe = plan.recipe
    let decoder = try recipe.output.decoder.type.make(plan)
    let (used, whole) = (Set(decoder.used), Set(decoder.indices))
    quantized = outputs.indices.map { index in
      used.contains(index) ? plan.quantization(of: index, isIndex: whole.contains(index)) : nil
    }
    self.decoder = decoder
    self.isInTime = isInTime
    let read = Set(decoder.used.map { isInTime[$0] })
    guard read.count < 2 else {
      throw plan.mismatch(
        "\(decoder.used.map { "'\(outputs[$0].name)'" }.joined(separator: ", ")) are read together, and only some of them are told frame by frame"
      )
    }
  }

  func decodeWindow(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [[Prediction]] {
    guard let window = recipe.input.window else {
      preconditionFailure("an answer about a picture is read as one about a window")
    }
    guard decoder.used.contains(where: { isInTime[$0] }) else {
      let rest = [[Prediction]](repeating: [], count: window.step - 1)
      return [try decode(outputs, at: placement)] + rest
    }
    return try window.keep.map { (place) throws(Fault) in
      try decode(WindowTensors(outputs, at: place, of: window.length, isInTime: isInTime), at: placement)
    }
  }

  var used: [Int] { decoder.used }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    do throws(Fault) {
      guard quantized.contains(where: { $0 != nil }) else { return try decoder.decode(outputs, at: placement) }
      return try decoder.decode(ScaledTensors(outputs, quantized), at: placement)
    } catch {
      guard recipe.isGuess else { throw error }
      throw Fault(
        error.kind,
        "the network was taken for \(recipe.output.decoder.rawValue), which was a guess, and its answer contradicts that: \(error.message)"
      )
    }
  }
}

/// The arithmetic of one family of networks.
protocol Decoder: Sendable {
  static var facts: DecoderFacts { get }
  static func samples(_ ground: SampleGround) -> [[TensorSpec]]

  /// The decoder for outputs of a plan, where the family has several.
  static func make(_ plan: DecoderPlan) throws(Fault) -> any Decoder
  init(_ plan: DecoderPlan) throws(Fault)
  /// The outputs that are read, and those among them that hold whole numbers as such.
  var used: [Int] { get }
  var indices: [Int] { get }
  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction]
}

extension Decoder {
  static func make(_ plan: DecoderPlan) throws(Fault) -> any Decoder { try Self(plan) }

  var indices: [Int] { [] }
}

/// Outputs whose whole numbers were turned into what they stand for.
struct ScaledTensors: OutputTensors {
  let specs: [TensorSpec]
  private let values: [[Float]]

  init(_ tensors: some OutputTensors, _ quantized: [TensorSpec.Quantization?]) {
    specs = tensors.specs
    values = specs.indices.map { index in
      tensors.withFloats(index) { floats in
        guard let quantization = quantized[index] else { return floats.indices.map { floats[$0] } }
        return floats.indices.map { (floats[$0] - quantization.zero) * quantization.scale }
      }
    }
  }

  func withFloats<Result>(_ index: Int, _ body: (Span<Float>) -> Result) -> Result {
    let held = values[index]
    return body(held.span)
  }
}
