/// What a model is for.
public enum ModelTask: String, Sendable, Hashable, CaseIterable {
  case classification, detection, segmentation, saliency, pose, score, embedding, text, tensor
}
