internal import Base
public import Execution
public import Predictions
internal import Rollouts

/// A live stream's pipeline with another version of one of its models, which is asked about some of its pictures as well.
public struct LiveShadow: Sendable {
  /// The stream's question, which goes by the model's roll-out.
  public let route: RoutedVersion
  /// What the other version is asked through, about one picture at a time.
  public let pipeline: LoadedPipeline
  /// The networks that are of the other version, by position.
  public let steps: Set<Int>
  /// All that a question to it goes through.
  let versions: [ServedVersion]

  /// One of its networks has enough to do, or would push another model out of memory.
  public var isBusy: Bool { versions.contains { $0.load.waiting > 0 || !$0.isAtHand } }
}

/// Live streams, where a model is being rolled out: they go by their names.
extension ModelRepository {
  /// Of the models that work on a stream and are being rolled out, the versions that do not answer it: with `pipeline`, through that with all else as
  /// it is in `own`.
  public func shadows(ofLive own: LoadedPipeline, pipeline name: String?, stream: String) -> [LiveShadow] {
    Set(own.models.map(\.name)).sorted().compactMap { model in
      let steps = Set(own.models.indices.filter { own.models[$0].name == model })
      guard let step = steps.first, let route = route(to: own.models[step], key: stream), let other = route.other else {
        return nil
      }
      do throws(Fault) {
        let (models, versions): ([LoadedModel], [ServedVersion])
        if let name {
          let entry = try entry(of: name, as: own, with: other)
          (models, versions) = (entry.pipeline.models, Array(entry.versions.prefix(entry.pipeline.models.count)))
        } else {
          (models, versions) = (try other.live(isHeld: budget != nil).models, [other])
        }
        // Its file may be another one by now.
        guard models.map(\.name) == own.models.map(\.name) else { return nil }
        return LiveShadow(
          route: route, pipeline: own.ofSinglePictures(by: models), steps: steps, versions: versions)
      } catch { return nil }
    }
  }

  /// Counts what its networks said to a picture, each that is being rolled out by itself; those at `passedOver` were not asked.
  public func count(_ predictions: [Prediction], of pipeline: LoadedPipeline, except passedOver: Set<Int> = []) {
    for (step, model) in pipeline.models.enumerated() where !passedOver.contains(step) {
      route(to: model, key: "")?.count([predictions.filter { $0.step == step }])
    }
  }

  /// A question of the key that this model answers; `nil` where no roll-out goes on of which it is a version.
  private func route(to model: LoadedModel, key: String) -> RoutedVersion? {
    guard rollouts.isRolledOut(model.name), let route = try? look(model.name, key: { key }), route.isCounted else {
      return nil
    }
    if route.served.digest == model.servedDigest { return route }
    guard let other = route.other, other.digest == model.servedDigest else { return nil }
    return route.turned
  }
}

extension LoadedModel {
  /// As the version of it that is served is called.
  var servedDigest: String { published ?? digest }
}

extension RoutedVersion {
  /// The same question, answered by the other of its two versions.
  var turned: RoutedVersion {
    guard let other else { return self }
    return RoutedVersion(served: other, desk: desk, choice: choice, other: served)
  }

  /// Whether the other version is asked about a thing of this key as well; counted where it is.
  public func draws(_ key: String) -> Bool {
    guard let choice, desk.draws(choice, key) else { return false }
    desk.add(choice) { $0.shadows.chosen += 1 }
    return true
  }
}
