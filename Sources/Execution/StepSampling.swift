internal import Base
internal import Media
internal import Pipelines

/// Which networks of a pipeline are shown a frame, where some are shown fewer than are sampled.
///
/// Asked once for every sampled frame of a film, in order, wherever it was looked at: the same frames give the same answer.
struct StepSampling {
  /// By network; `nil` for one that is shown all.
  private var samplers: [Sampler?]
  /// For each network the one that is shown whole frames and leads to it.
  private let roots: [Int]

  /// `nil` where all networks are shown all frames.
  init?(_ pipeline: Pipeline) {
    guard pipeline.thinsOut else { return nil }
    samplers = pipeline.infer.map { step in step.every.map { Sampler(.every(seconds: $0)) } }
    roots = pipeline.infer.indices.map(pipeline.root)
  }

  /// The networks that are not shown the frame at this time.
  mutating func passedOver(at time: Double) -> Set<Int> {
    var hidden: Set<Int> = []
    for step in samplers.indices where samplers[step]?.wants(time: time) == false { hidden.insert(step) }
    return Set(roots.indices.filter { hidden.contains(roots[$0]) })
  }
}
