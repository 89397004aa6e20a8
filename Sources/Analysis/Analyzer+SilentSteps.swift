internal import Base
internal import Pipelines

extension Pipeline {
  /// Sentences about networks on crops of which nothing came out, because that looks like a mistake in the pipeline.
  ///
  /// `crops` is how many inputs each step was given, and `emitted` how many predictions were told of it.
  func silentSteps(crops: [Int], emitted: [Int: Int]) -> [String] {
    infer.indices.compactMap { index in
      guard let on = infer[index].on, emitted[index, default: 0] == 0 else { return nil }
      let (name, detector) = (infer[index].name, infer[on].name)
      guard crops[index] > 0 else {
        guard emitted[on, default: 0] > 0 else { return nil }
        return "nothing was told by '\(name)': no detection of '\(detector)' had the score and label that it is shown"
      }
      let looked = crops[index] == 1 ? "one crop" : "\(crops[index]) crops"
      return "nothing was told by '\(name)', which looked at \(looked): \(whySilent(index))"
    }
  }

  private func whySilent(_ step: Int) -> String {
    let isSmoothed = smooth.contains { $0.of == step }
    switch emit.when {
    case .end: return "with emit: {when: end} only the tracks of '\(infer[track?.on ?? 0].name)' are told"
    case .change where !isSmoothed:
      return "with emit: {when: change} only what is smoothed or tracked is told, and it is not smoothed"
    default: break
    }
    if !emit.labels.isEmpty { return "the labels or the score of emit leave its answers out, or its threshold does" }
    if isSmoothed { return "its answers were below its threshold, or too few of them agreed for smooth" }
    return "its answers were below its threshold\(emit.score > 0 ? ", or below the score of emit" : "")"
  }
}
