public import Execution
public import Predictions

/// What streams have to do with new versions of their models: one beside the other, and what both say.
public struct StreamRollouts: Sendable {
  /// The version that is asked beside a stream's own, where there is one.
  let shadow: @Sendable (StreamDesk.Draft, _ stream: String) -> ShadowPipeline?
  /// Hears of what was found in each picture.
  let note: @Sendable ([Prediction], LoadedPipeline) -> Void

  public init(
    shadow: @escaping @Sendable (StreamDesk.Draft, _ stream: String) -> ShadowPipeline? = { _, _ in nil },
    note: @escaping @Sendable ([Prediction], LoadedPipeline) -> Void = { _, _ in }
  ) { (self.shadow, self.note) = (shadow, note) }
}

/// Another version of a stream's model, which is asked about some of its pictures as well; nobody hears what it says but who compares.
public struct ShadowPipeline: Sendable {
  let pipeline: LoadedPipeline
  /// Whether a picture is drawn, by its number.
  let draws: @Sendable (Int) -> Bool
  /// It has enough to do.
  let isBusy: @Sendable () -> Bool
  /// Hears of what the stream's own version and this one found in one picture.
  let compared: @Sendable (_ mine: [Prediction], _ theirs: [Prediction]) -> Void
  /// A picture was drawn, and not asked about, or not answered.
  let lost: @Sendable (_ isDropped: Bool) -> Void

  public init(
    pipeline: LoadedPipeline, draws: @escaping @Sendable (Int) -> Bool, isBusy: @escaping @Sendable () -> Bool,
    compared: @escaping @Sendable ([Prediction], [Prediction]) -> Void, lost: @escaping @Sendable (Bool) -> Void
  ) {
    (self.pipeline, self.draws, self.isBusy) = (pipeline, draws, isBusy)
    (self.compared, self.lost) = (compared, lost)
  }
}
