import Base
import Catalog
import Inference
import Items
import Jobs
import Library
import Registry
import Rollouts

/// Roll-outs of the library's registry, as the jobs of one worker go by them.
final class RegistryRollouts: JobRollouts {
  private let registry: ModelRegistry
  private let pins: PinnedModels
  /// Digests of versions, which never change, by model and number.
  private var digests: [String: String] = [:]
  /// What could not be had here, and until when it is not tried again.
  private var failures: [String: (fault: Fault, until: UInt64)] = [:]
  /// Candidates that answered their recorded inputs as they did, by digest.
  private var proven: Set<String> = []

  private static let patience: UInt64 = 30_000_000_000

  init(_ pins: PinnedModels) { (self.pins, registry) = (pins, pins.registry) }

  func standing(of models: [String]) throws(Fault) -> [StandingRollout] {
    var standing: [StandingRollout] = []
    for rollout in try registry.rollouts() where models.contains(where: { $0.hasSameBytes(as: rollout.model) }) {
      guard let baseline = try digest(of: rollout.plan.baseline, rollout.model),
        let candidate = try digest(of: rollout.plan.candidate, rollout.model)
      else { continue }
      let isLive = rollout.state == .promoted ? try registry.isLive(rollout) : false
      standing.append(StandingRollout(rollout, baseline: baseline, candidate: candidate, isLive: isLive))
    }
    return standing
  }

  private func digest(of number: Int, _ model: String) throws(Fault) -> String? {
    let key = "\(model)/\(number)"
    if let known = digests[key] { return known }
    digests[key] = try registry.version(number, of: model)?.digest
    return digests[key]
  }

  /// A candidate is asked nothing before it has answered its recorded inputs here.
  func variant(of pinned: Job.Pinned, with versions: [String: String]) throws(Fault) -> Job.Pinned {
    let key = "\(pinned.digest) \(versions.sorted { $0.key < $1.key })"
    if let failure = failures[key], Clock.now < failure.until { throw failure.fault }
    do throws(Fault) {
      for (model, digest) in versions { try prove(digest, of: model) }
      let found = try pins.find(pinned, with: versions)
      var variant = pinned
      (variant.digest, variant.models, variant.published) = (try found.digest(), found.pinned, found.published)
      return variant
    } catch {
      failures[key] = (error, Clock.now + Self.patience)
      throw error
    }
  }

  private func prove(_ digest: String, of model: String) throws(Fault) {
    guard !proven.contains(digest) else { return }
    let version = try registry.find(digest, of: model)
    if try !registry.examples(of: model, version: version.number).isEmpty {
      try VersionTrial.attempt(version, of: registry)
    }
    proven.insert(digest)
  }

  func adding(
    _ evidence: RolloutEvidence, to rollout: String, of model: String, by reporter: String
  ) throws(Fault) -> [Write] { try registry.adding(evidence, to: rollout, of: model, by: reporter) }
}
