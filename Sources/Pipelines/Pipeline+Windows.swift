internal import Base

extension Pipeline {
  /// Why networks that are shown windows of frames cannot do what this pipeline asks of them: each by its position, with a sentence.
  ///
  /// A window is made of all frames that are looked at, counted from the first of the film on, wherever a part of it begins.
  public func objections(windowed: [Bool]) -> [(step: Int, sentence: String)] {
    var found: [(step: Int, sentence: String)] = []
    for step in infer.indices where windowed[step] {
      let name = infer[step].name
      if gate != nil {
        found.append(
          (
            step,
            "'\(name)' looks at windows of frames that follow each other, and a gate leaves some out: take gate away, or give '\(name)' a pipeline of its own"
          )
        )
      }
      if sample == .keyFrames {
        found.append(
          (
            step,
            "'\(name)' looks at windows of frames, and where key frames stand is the encoder's choice: take sample: all, or {every: 1s}"
          )
        )
      }
      if infer[step].every != nil {
        found.append(
          (step, "'\(name)' looks at windows of all frames that are sampled: take every away, or say it in sample"))
      }
      if infer[step].on != nil {
        found.append((step, "'\(name)' looks at windows of whole frames and takes no crops: take on away"))
      }
      for other in crops(of: step) {
        found.append(
          (
            other,
            "crops are cut while a frame is there, and '\(name)' answers after its window: let '\(infer[other].name)' look at another network's detections"
          )
        )
      }
    }
    return found
  }
}
