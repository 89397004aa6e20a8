public import Execution
public import Predictions

/// What streams have to do with new versions of their models: some beside their own, and what all of them say.
public struct StreamRollouts: Sendable {
  /// The versions that are asked beside those of a stream's own pipeline.
  let shadows: @Sendable (_ own: LoadedPipeline, StreamDesk.Draft, _ stream: String) -> [ShadowPipeline]
  /// Hears of what the networks said to each picture.
  let note: @Sendable (FrameInference.Answered, LoadedPipeline) -> Void

  public init(
    shadows: @escaping @Sendable (LoadedPipeline, StreamDesk.Draft, _ stream: String) -> [ShadowPipeline] = {
      _, _, _ in []
    },
    note: @escaping @Sendable (FrameInference.Answered, LoadedPipeline) -> Void = { _, _ in }
  ) { (self.shadows, self.note) = (shadows, note) }
}

/// A stream's pipeline with another version of one of its models, which is asked about some of its pictures as well; nobody hears what it says but
/// who compares.
public struct ShadowPipeline: Sendable {
  /// Each picture is a question of its own to it.
  let pipeline: LoadedPipeline
  /// The networks that are of the other version, by position.
  let steps: Set<Int>
  /// Whether a picture is drawn, by its number.
  let draws: @Sendable (Int) -> Bool
  /// One of its networks has enough to do.
  let isBusy: @Sendable () -> Bool
  /// Hears of what the networks of the stream and these said to one picture, and which of them are to be compared.
  let compared: @Sendable (_ mine: [Prediction], _ theirs: [Prediction], _ steps: Set<Int>) -> Void
  /// A picture was drawn, and not asked about, or not answered.
  let lost: @Sendable (_ isDropped: Bool) -> Void

  public init(
    pipeline: LoadedPipeline, steps: Set<Int>, draws: @escaping @Sendable (Int) -> Bool,
    isBusy: @escaping @Sendable () -> Bool,
    compared: @escaping @Sendable ([Prediction], [Prediction], Set<Int>) -> Void,
    lost: @escaping @Sendable (Bool) -> Void
  ) {
    (self.pipeline, self.steps, self.draws, self.isBusy) = (pipeline, steps, draws, isBusy)
    (self.compared, self.lost) = (compared, lost)
  }
}
