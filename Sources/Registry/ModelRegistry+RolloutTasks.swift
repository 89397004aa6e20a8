public import Base
internal import Catalog
public import Items
public import Rollouts
internal import Store

/// What tasks see of roll-outs, counted where they commit what they bring.
extension ModelRegistry {
  /// Writes that add to what `reporter` has seen in the stage that a roll-out is at, on what stands there; none where it is over, or cannot be read.
  ///
  /// They are refused, and are to be asked for anew, where the roll-out has changed since: a stage that is closed is judged no more.
  /// Nobody else may write under the reporter's name.
  public func adding(
    _ evidence: RolloutEvidence, to rollout: String, of model: String, by reporter: String
  ) throws(Fault) -> [Write] {
    guard let item = try table.get(LibraryKeys.rollout(model)), let now = try? Self.rollout(item), now.id == rollout,
      now.state.isActive
    else { return [] }
    let key = LibraryKeys.rolloutEvidence(model, rollout, now.stage, reporter)
    let old = try table.get(key)
    var sum = try old.map { (item) throws(Fault) in try RolloutEvidence(try Self.value(item)) } ?? RolloutEvidence()
    sum.merge(evidence)
    return [
      .check(item.key, if: .version(item.version)),
      .put(key, sum.json, if: old.map { .version($0.version) } ?? .absent),
    ]
  }
}
