public import Base
internal import Inference
internal import ModelHub
internal import Rollouts

/// Which version answers a question, where a model is being rolled out.
public struct RoutedVersion: Sendable {
  public let served: ServedVersion
  let desk: RolloutDesk
  let choice: RolloutDesk.Choice?
  /// The other version, where it is ready.
  let other: ServedVersion?

  /// By what it was chosen, for who asks again.
  public var key: String { choice?.key ?? "" }

  /// Who answers instead where this one, the candidate, gives no answer; clients hear nothing of that.
  public var rescue: RoutedVersion? {
    guard let choice, choice.isCandidate, let other, served.version == choice.candidate else { return nil }
    return RoutedVersion(served: other, desk: desk, choice: choice, other: nil)
  }

  /// Who is to be asked as well once this one has answered.
  public var shadow: ServedVersion? { choice?.wantsShadow == true ? other : nil }
}

extension ModelRepository {
  /// The version that answers a question to `version`, by number or alias, or to the usual one.
  ///
  /// Only questions to no version or to `live` go by rollouts; for them alone the key is asked for. With `sameTensors` a candidate with other inputs
  /// or outputs is not asked.
  public func route(
    _ model: String, version: String? = nil, sameTensors: Bool = false, key: () -> String
  ) throws(Fault) -> RoutedVersion {
    let route = try look(model, version: version, sameTensors: sameTensors, key: key)
    guard let choice = route.choice else { return route }
    rollouts.add(choice) { seen in
      seen.routed += 1
      if route.served.version == choice.candidate { seen.routedToCandidate += 1 }
      if route.shadow != nil { seen.shadows.chosen += 1 }
    }
    return route
  }

  /// The same without counting it as a question.
  func look(
    _ model: String, version: String? = nil, sameTensors: Bool = false, key: () -> String
  ) throws(Fault) -> RoutedVersion {
    let usual = try find(model, version: version)
    let plain = RoutedVersion(served: usual, desk: rollouts, choice: nil, other: nil)
    guard version == nil || version == "live", let choice = rollouts.choose(usual.model, key: key),
      usual.version == choice.baseline
    else { return plain }
    let candidate = try? find(model, version: choice.candidate)
    if sameTensors, let candidate, !candidate.hasTensors(like: usual) { return plain }
    guard choice.isCandidate, let candidate else {
      return RoutedVersion(served: usual, desk: rollouts, choice: choice, other: candidate)
    }
    return RoutedVersion(served: candidate, desk: rollouts, choice: choice, other: usual)
  }

  /// Where an alias points by now.
  func alias(_ alias: String, of model: String) -> String? { table.update { $0[model]?.aliases[alias] } }

  /// Why the candidate of a rollout cannot answer; `nil` where it can, or where it is still being loaded.
  func loss(of rollout: Rollout) -> String? {
    let candidate = "\(rollout.plan.candidate)"
    let crashes = crashes(of: rollout.model, version: candidate)
    guard crashes == 0 else {
      return "it crashed the process that ran it \(crashes == 1 ? "once" : "\(crashes) times")"
    }
    let (baseline, other) = table.update { table in
      let versions = table[rollout.model]?.versions
      return (versions?["\(rollout.plan.baseline)"], versions?[candidate])
    }
    switch other {
    case .unavailable(let fault): return "it cannot be served: \(fault.message)"
    case .ready(let new):
      guard case .ready(let old) = baseline, new.picture == nil || old.picture == nil, !new.hasTensors(like: old) else {
        return nil
      }
      return "its inputs or outputs are others than the baseline's, so its callers would have to change"
    case .loading, nil: return nil
    }
  }

  /// Takes a candidate that ran apart while only its shadow was asked into this process, as all versions run, while it goes on answering.
  func settle(_ model: String, _ version: String) {
    guard let served = try? find(model, version: version), served.isIsolated,
      crashes(of: model, version: version) == 0
    else { return }
    loads.add { [self] in
      guard !isClosing.update({ $0 }), let ticket = try? tickets.begin(model, version, within: 60) else { return }
      defer { tickets.end(ticket) }
      guard case .ready(let made) = make(examine(model, version), ticket) else { return }
      made.waitUntilGrown()
      let isReplaced = table.update { table in
        guard !ticket.isCancelled, case .ready(let there) = table[model]?.versions[version], there === served else {
          return false
        }
        table[model]!.versions[version] = .ready(made)
        return true
      }
      if isReplaced {
        pipelines.update { $0 = [:] }
        // Streams go on with the one that stays.
        rollouts.tell(model)
      }
      (isReplaced ? served : made).drain()
    }
  }
}

extension ServedVersion {
  /// What may be sent to it may be sent to the other, and what is answered has the same names, types and shapes.
  public func hasTensors(like other: ServedVersion) -> Bool { inputs == other.inputs && outputs == other.outputs }
}
