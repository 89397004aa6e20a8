internal import Base
internal import Predictions

/// A map of numbers over the input, `[1,1,H,W]` or `[1,H,W,1]`: depth, the share of the foreground, brightness (`picture` in manifests).
///
/// What is told is the part of the map that lies over the picture, row by row, as a tensor of two sides with the box that it covers; of
/// large maps each number is the mean of so many cells that no more than ``cellLimit`` are left. Numbers are 0 to 1 unless the activation
/// is `none`: then they are as the network gives them. A number under the picture that is infinite or none is an error.
struct PictureDecoder: Decoder {
  /// Numbers of a map that are told: 128 by 128.
  static let cellLimit = 1 << 14

  private let recipe: Recipe
  private let map: OneMap

  static let facts = DecoderFacts(
    task: .tensor, reads: "a map of numbers: depth, or shares of the foreground",
    keys: [.activation, .unit, .zero, .scores], activations: [.none, .sigmoid])

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    ground.one([1, 1, nil, nil], [1, nil, nil], [1, ground.network.height, ground.network.width, 1])
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    let spec = plan.outputs[try plan.index(named: plan.output.scores)]
    if innerShape(spec, rank: 3).map({ $0[0] == 3 || $0[2] == 3 && $0[0] != 1 }) ?? false {
      throw plan.mismatch(
        "output '\(spec.name)' is \(spec.shapeText), a picture of three channels, and those of one are read alone: decoder raw tells its range"
      )
    }
    map = try OneMap(plan)
  }

  var used: [Int] { [map.index] }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let values = try map.read(outputs)
    let part = Self.part(of: values.size, at: placement)
    let numbers = part.rows.flatMap { y in part.columns.map { x in values.numbers[y * values.size.width + x] } }
    // What lies under the padding is not told, and may be anything.
    try values.checkFinite(numbers)
    if recipe.output.activation != OutputRecipe.Activation.none {
      var range = ScoreRange()
      for number in numbers { range.note(number) }
      guard range.isProbability else {
        throw Fault(
          .unsupported,
          "what should be numbers of 0 to 1 ranges from \(range.low) to \(range.high): say activation none for numbers of any range, sigmoid for logits, or unit and zero, which bring it there"
        )
      }
    }
    let name = recipe.labels.first ?? values.name
    return [Self.prediction(numbers, Size(width: part.columns.count, height: part.rows.count), name, placement)]
  }

  /// Cells of the map under the part of the input that the picture fills; one at least.
  static func part(of map: Size, at placement: Placement) -> (columns: Range<Int>, rows: Range<Int>) {
    func cells(_ start: Double, _ length: Double, _ input: Int, _ count: Int) -> Range<Int> {
      let scale = Double(count) / Double(input)
      let first = min(max(0, Int((start * scale).rounded())), count - 1)
      return first..<min(max(first + 1, Int(((start + length) * scale).rounded())), count)
    }
    let (target, network) = (placement.target, placement.network)
    return (
      cells(target.x, target.width, network.width, map.width),
      cells(target.y, target.height, network.height, map.height)
    )
  }

  private static func prediction(_ numbers: [Float], _ size: Size, _ name: String, _ placement: Placement) -> Prediction
  {
    var (step, small) = (1, size)
    while small.area > cellLimit {
      step += 1
      small = Size(width: (size.width + step - 1) / step, height: (size.height + step - 1) / step)
    }
    let box = placement.toPicture(
      Rect(x: placement.target.x, y: placement.target.y, width: placement.target.width, height: placement.target.height)
    )
    var prediction = Prediction(kind: .tensor, label: name, box: box)
    prediction.vector = step == 1 ? numbers : means(of: numbers, size, step, small)
    let sum = numbers.reduce(0.0) { $0 + Double($1) }
    prediction.tensor = TensorSummary(
      spec: TensorSpec(name: name, shape: [small.height, small.width], element: .f32), minimum: numbers.min() ?? 0,
      maximum: numbers.max() ?? 0, mean: Float(sum / Double(numbers.count)))
    return prediction
  }

  /// Each the mean of a square of cells; at the right and the lower edge, of what is left of one.
  private static func means(of numbers: [Float], _ size: Size, _ step: Int, _ small: Size) -> [Float] {
    var (sums, counts) = ([Double](repeating: 0, count: small.area), [Double](repeating: 0, count: small.area))
    for at in numbers.indices {
      let cell = at / size.width / step * small.width + at % size.width / step
      (sums[cell], counts[cell]) = (sums[cell] + Double(numbers[at]), counts[cell] + 1)
    }
    return zip(sums, counts).map { Float($0 / $1) }
  }
}
