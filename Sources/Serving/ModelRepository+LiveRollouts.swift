internal import Base
public import Execution
public import Predictions
internal import Rollouts

/// Live streams, where a model is being rolled out: they go by their names.
extension ModelRepository {
  /// The question of a stream, which goes by a roll-out, and the other version as its pipeline; `nil` where there is none.
  public func shadow(ofLive name: String, stream: String) -> (route: RoutedVersion, pipeline: LoadedPipeline)? {
    guard let route = try? look(name, key: { stream }), let other = route.other, route.isCounted,
      let pipeline = try? other.live(isHeld: budget != nil)
    else { return nil }
    return (route, pipeline)
  }

  /// Counts what was found in a picture, by each network of the pipeline that is being rolled out.
  public func count(_ predictions: [Prediction], of pipeline: LoadedPipeline) {
    for (step, model) in pipeline.models.enumerated() {
      guard rollouts.isRolledOut(model.name), let route = try? look(model.name, key: { "" }) else { continue }
      let digest = model.published ?? model.digest
      let served = [route.served, route.other].compactMap(\.self).first { $0.digest == digest }
      if let served { route.speaking(as: served).count([predictions.filter { $0.step == step }]) }
    }
  }
}

extension RoutedVersion {
  /// The same question, answered by another of its two versions.
  func speaking(as served: ServedVersion) -> RoutedVersion {
    RoutedVersion(served: served, desk: desk, choice: choice, other: nil)
  }

  /// Whether the other version is asked about a thing of this key as well; counted where it is.
  public func draws(_ key: String) -> Bool {
    guard let choice, desk.draws(choice, key) else { return false }
    desk.add(choice) { $0.shadows.chosen += 1 }
    return true
  }

  /// The other version has enough to do, or would push another model out of memory.
  public var isOtherBusy: Bool { other.map { $0.load.waiting > 0 || !$0.isAtHand } ?? true }
}
