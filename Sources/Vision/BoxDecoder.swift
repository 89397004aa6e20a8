internal import Base
internal import Predictions

/// Boxes that the network has decoded itself: left, top, right, bottom in fractions of the input, unless `columns` and
/// `coordinates` say otherwise.
struct BoxDecoder: Decoder {
  private let recipe: Recipe
  private let outputs: ScoredBoxes
  private let scale: (x: Float, y: Float)
  private let corners: BoxColumns

  static let facts = DecoderFacts(
    task: .detection, reads: "class scores and finished corners in an output each",
    keys: [
      .activation, .threshold, .iou, .unit, .zero, .scores, .boxes, .background, .coordinates, .columns,
    ], activations: [.none, .sigmoid, .softmax], threshold: 0.25)

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    (1...4).map { ground.named([("a", [1, nil, $0]), ("b", [1, nil, 4])]) }
  }

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    scale = plan.scale(usual: .fractions)
    corners = try BoxColumns(plan.output.columns, usual: [.left, .top, .right, .bottom], plan)
    outputs = try ScoredBoxes(plan)
    // The scores of points beside finished detections are no scores of classes.
    guard plan.output.scores == nil, let parts = PostProcessedParts.Places(plan.outputs), parts.boxes == outputs.boxes
    else { return }
    throw plan.mismatch(
      "'\(plan.outputs[parts.classes].name)' and '\(plan.outputs[parts.scores].name)' have a number for each box, as finished detections do: say decoder finished, or scores, the output that has those of classes"
    )
  }

  var used: [Int] { [outputs.scores, outputs.boxes] }

  func decode(_ tensors: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    let found = try outputs.candidates(tensors, recipe) { boxes, index in
      corners.box(boxes, from: index * 4, scale)
    }
    return try recipe.detections(found, at: placement)
  }
}

/// Which numbers of a row are the box: its corners, or its middle and size.
struct BoxColumns {
  private let (first, second, third, fourth): (Int, Int, Int, Int)
  private let kind: Kind

  private enum Kind { case corners, centre, corner }

  init(_ said: [OutputRecipe.Column], usual: [OutputRecipe.Column], _ plan: DecoderPlan) throws(Fault) {
    let columns = said.isEmpty ? usual : said
    guard usual.isEmpty || columns.count == usual.count else {
      throw plan.mismatch("a box has four numbers, and \(columns.count) columns are said")
    }
    let known: [(Kind, [OutputRecipe.Column])] = [
      (.corners, [.left, .top, .right, .bottom]), (.centre, [.x, .y, .width, .height]),
      (.corner, [.left, .top, .width, .height]),
    ]
    for (kind, names) in known {
      let places = names.compactMap { columns.firstIndex(of: $0) }
      guard places.count == 4 else { continue }
      self.kind = kind
      (first, second, third, fourth) = (places[0], places[1], places[2], places[3])
      return
    }
    throw plan.mismatch(
      "its columns (\(columns.map(\.rawValue).joined(separator: ", "))) name no box: left, top, right and bottom, or x, y, width and height are needed"
    )
  }

  func box(_ values: Span<Float>, from start: Int, _ scale: (x: Float, y: Float)) -> Rect {
    let (a, b) = (values[start + first] * scale.x, values[start + second] * scale.y)
    let (c, d) = (values[start + third] * scale.x, values[start + fourth] * scale.y)
    switch kind {
    case .corners: return Rect(left: Double(a), top: Double(b), right: Double(c), bottom: Double(d))
    case .centre: return Rect(centre: (a, b), size: (c, d))
    case .corner: return Rect(x: Double(a), y: Double(b), width: Double(c), height: Double(d))
    }
  }
}
