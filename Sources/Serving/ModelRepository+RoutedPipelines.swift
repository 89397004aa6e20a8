public import Base
public import Execution
internal import Pipelines

/// A pipeline as one question goes through it.
public struct RoutedPipeline: Sendable {
  public let pipeline: LoadedPipeline
  /// Of each model that works on it, where the question is counted.
  public let metrics: [ModelMetrics]
  /// A candidate is in it.
  public let isRolledOut: Bool
  /// Of its models that are being rolled out, the questions for which the other version is to be asked as well.
  public var shadowed: [RoutedVersion] = []
}

/// Pipelines, where models of theirs are being rolled out.
extension ModelRepository {
  /// The pipeline of the name with the versions that are the key's; each model of it goes by its own rollout.
  ///
  /// Where it cannot be put together with them it is the usual one, and that is counted as an answer in a candidate's place.
  /// - Throws: as ``pipeline(named:)``.
  public func pipeline(named name: String, key: () -> String) throws(Fault) -> RoutedPipeline {
    let (usual, plain) = (try entry(of: name), try usualPipeline(named: name))
    guard usual.versions.contains(where: { rollouts.isRolledOut($0.model) })
    else { return plain }
    let key = key()
    var routes: [String: RoutedVersion] = [:]
    for served in usual.versions where routes[served.model] == nil {
      routes[served.model] = try route(served.model) { key }
    }
    let chosen = usual.versions.map { routes[$0.model]?.served ?? $0 }
    // What hears speech is not asked about pictures.
    let shadowed = routes.values.filter { route in
      route.shadow != nil && usual.pipeline.models.contains { $0.name == route.served.model }
    }
    guard zip(chosen, usual.versions).contains(where: { $0 !== $1 }) else {
      var plain = plain
      plain.shadowed = shadowed
      return plain
    }
    do throws(Fault) {
      let entry = try variant(of: name, usual, chosen)
      return RoutedPipeline(
        pipeline: entry.pipeline, metrics: entry.metrics, isRolledOut: true, shadowed: shadowed)
    } catch {
      for route in routes.values { route.rescue?.countRescue() }
      return plain
    }
  }

  /// The pipeline with the other version of one of its models in place of the one that answered; all else is as it was.
  public func shadow(of name: String, as routed: LoadedPipeline, for route: RoutedVersion) throws(Fault)
    -> LoadedPipeline
  {
    guard let other = route.shadow else { return routed }
    return try entry(of: name, as: routed, with: other).pipeline
  }

  /// The pipeline as it is, but for one version.
  func entry(of name: String, as routed: LoadedPipeline, with other: ServedVersion) throws(Fault) -> PipelineEntry {
    let usual = try entry(of: name)
    let digests = Set(routed.models.map(\.servedDigest))
    let chosen = usual.versions.map { (version) -> ServedVersion in
      guard version.model != other.model else { return other }
      let known = rollouts.candidates[version.model].flatMap { try? find(version.model, version: "\($0)") }
      return known.flatMap { digests.contains($0.digest) ? $0 : nil } ?? version
    }
    return try variant(of: name, usual, chosen)
  }

  /// The same with what is live.
  public func usualPipeline(named name: String) throws(Fault) -> RoutedPipeline {
    let usual = try entry(of: name)
    return RoutedPipeline(pipeline: usual.pipeline, metrics: usual.metrics, isRolledOut: false)
  }

  private func variant(
    of name: String, _ usual: PipelineEntry, _ chosen: [ServedVersion]
  ) throws(Fault) -> PipelineEntry {
    let place = "\(name)/" + chosen.map { "\($0.model)@\($0.version)" }.joined(separator: ",")
    if let known = pipelines.update({ $0[place] }), known.stamp == usual.stamp, known.catalogue == usual.catalogue,
      zip(known.versions, chosen).allSatisfy({ $0 === $1 })
    {
      return known
    }
    let file = try PipelineFile.read(path(ofPipeline: name))
    let entry = try makePipeline(file, usual.stamp) { (model) throws(Fault) in
      let usual = try find(model)
      return chosen.first { $0.model == usual.model } ?? usual
    }
    pipelines.update { $0[place] = entry }
    return entry
  }
}
