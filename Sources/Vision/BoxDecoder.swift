internal import Base
internal import Predictions

/// Boxes as left, top, right, bottom in fractions of the input, already decoded by the network.
struct BoxDecoder: Decoder {
  private let recipe: Recipe
  private let network: Size
  private let outputs: ScoredBoxes

  init(_ plan: DecoderPlan) throws(Fault) {
    (recipe, network) = (plan.recipe, plan.network)
    outputs = try ScoredBoxes(plan)
  }

  func decode(_ tensors: some OutputTensors, at placement: Placement) -> [Prediction] {
    let (width, height) = (Double(network.width), Double(network.height))
    let found = outputs.candidates(tensors, recipe.output) { boxes, index in
      Rect(
        left: Double(boxes[index * 4]) * width, top: Double(boxes[index * 4 + 1]) * height,
        right: Double(boxes[index * 4 + 2]) * width, bottom: Double(boxes[index * 4 + 3]) * height)
    }
    return recipe.detections(found, at: placement)
  }
}
