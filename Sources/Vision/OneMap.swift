internal import Base
internal import Predictions

/// An output that is one map over the input, `[1,1,H,W]`, `[1,H,W,1]` or `[1,H,W]`, as decoders of such maps read it.
struct OneMap: Sendable {
  let index: Int
  private let activation: OutputRecipe.Activation
  private let network: Size

  /// The output of a plan that is named, or the first; throws where it is no such map.
  init(_ plan: DecoderPlan) throws(Fault) {
    index = try plan.index(named: plan.output.scores)
    (activation, network) = (plan.output.activation ?? .none, plan.network)
    try plan.checkIsMap(index)
    try plan.checkLabels(classes: 1)
  }

  /// An output that is known to be such a map, as its numbers stand.
  init(_ index: Int, network: Size) { (self.index, activation, self.network) = (index, .none, network) }

  /// What a network answered.
  struct Values {
    let size: Size
    /// Row by row, after the activation.
    let numbers: [Float]
    /// Of the output.
    let name: String
  }

  /// Throws where what the file left open turned out to be no map of the input, or not to be there.
  func read(_ outputs: some OutputTensors) throws(Fault) -> Values {
    let spec = outputs.specs[index]
    let count = outputs.withFloats(index) { $0.count }
    guard let grid = Grid(spec.shape, nil, network), grid.classes == 1, grid.size.area > 0, grid.covers(network),
      count >= grid.size.area
    else {
      throw Fault(
        .unsupported,
        "output '\(spec.name)' holds \(count) numbers as \(spec.shapeText), and one map of the input of \(network) is expected"
      )
    }
    var numbers = outputs.withFloats(index) { values in (0..<grid.size.area).map { values[$0] } }
    if activation == .sigmoid { for at in numbers.indices { numbers[at] = logistic(numbers[at]) } }
    return Values(size: grid.size, numbers: numbers, name: spec.name)
  }
}

extension OneMap.Values {
  /// Throws where some of its numbers are infinite or none: they say nothing, and a map without them would say what the network did not.
  func checkFinite(_ numbers: [Float]) throws(Fault) {
    let count = numbers.count { !$0.isFinite }
    guard count > 0 else { return }
    throw Fault(
      .unsupported,
      "\(count) of \(numbers.count) numbers of output '\(name)' are infinite or none (NaN), so the map cannot be told: 16-bit arithmetic overflows so (say precision f32), and so do logarithms and divisions by zero inside the network"
    )
  }
}
