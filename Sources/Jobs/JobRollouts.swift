public import Base
public import Catalog
public import Items
public import Rollouts

/// Roll-outs of models, as the items of jobs go by them; used by the thread of one worker.
public protocol JobRollouts: AnyObject {
  /// The last roll-out of each of these models that has one, as it stands.
  func standing(of models: [String]) throws(Fault) -> [StandingRollout]

  /// A pipeline with other versions of its models, each by the model's name and the digest that it was published under.
  ///
  /// The fault says why it cannot be had here.
  func variant(of pinned: Job.Pinned, with versions: [String: String]) throws(Fault) -> Job.Pinned

  /// Writes that add to what `reporter` has seen in the stage that a roll-out is at, on what stands there; none where it is over.
  func adding(
    _ evidence: RolloutEvidence, to rollout: String, of model: String, by reporter: String
  ) throws(Fault) -> [Write]
}

/// A roll-out and its two versions.
public struct StandingRollout: Sendable {
  public let rollout: Rollout
  /// Digests, as they were published.
  public let baseline: String
  public let candidate: String
  /// `live` points to the candidate.
  public let isLive: Bool

  public init(_ rollout: Rollout, baseline: String, candidate: String, isLive: Bool) {
    (self.rollout, self.baseline, self.candidate, self.isLive) = (rollout, baseline, candidate, isLive)
  }

  /// Its candidate may answer: it goes on, or has taken over and is live still.
  var isOpen: Bool { rollout.state.isActive || rollout.state == .promoted && isLive }
}
