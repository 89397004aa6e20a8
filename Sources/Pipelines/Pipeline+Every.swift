internal import Base

extension Pipeline {
  /// Why networks cannot be shown fewer frames than are sampled: each by its position, with a sentence.
  ///
  /// What follows objects from frame to frame would take those that were not looked at for those in which nothing was.
  var everyObjections: [(step: Int, sentence: String)] {
    infer.indices.filter { infer[$0].every != nil }.flatMap { step in
      reasons(against: step).map { (step, "every, \($0)") }
    }
  }

  private func reasons(against step: Int) -> [String] {
    let name = infer[step].name
    var found: [String] = []
    if gate != nil {
      found.append(
        "and a gate: which frames pass is seen from the pictures, so spans of time would begin elsewhere; take gate away, or give '\(name)' a pipeline of its own"
      )
    }
    if sample == .keyFrames {
      found.append("with sample: key-frames: take sample: all or {every: 1s}, of which the network is shown some")
    }
    if let track, root(of: track.on) == step {
      found.append(
        "and track follows what '\(name)' finds from frame to frame: sample fewer frames instead (sample: {every: 1s})")
    }
    let isWatched = !scene.zones.isEmpty || !scene.lines.isEmpty
    if isWatched && root(of: watched) == step || rules.contains(where: { root(of: $0.of) == step }) {
      found.append(
        "and zones, lines and rules watch what '\(name)' finds from frame to frame: sample fewer frames instead (sample: {every: 1s})"
      )
    }
    return found
  }
}
