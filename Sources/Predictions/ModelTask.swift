/// What a model is for.
///
/// Predictions that are kept hold the number of their kind: new ones come last.
public enum ModelTask: String, Sendable, Hashable, CaseIterable {
  case classification, detection, segmentation, saliency, pose, score, embedding, text, tensor
  case shotBoundary = "shot-boundary"
  case anomaly
}
