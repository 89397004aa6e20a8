internal import Catalog
internal import Items

/// Where roll-outs of models stand.
extension LibraryKeys {
  /// The last one of each model, which are few, by the model's name.
  static let rollouts = "ROLLOUTS"

  static func rollout(_ model: String) -> ItemKey { ItemKey(rollouts, model) }

  /// What became of roll-outs of a model, by roll-out and in order; never changed.
  static let rolloutEntries = CompositeKey.prefix("ROLLOUT")

  static func rolloutEntry(_ model: String, _ id: String, _ revision: Int) -> ItemKey {
    ItemKey(modelPartition(model), CompositeKey.joined("ROLLOUT", id, CompositeKey.number(revision)))
  }

  /// What was seen in the stages of a roll-out, by stage and by who saw it.
  static func rolloutEvidence(_ id: String) -> String { CompositeKey.prefix("ROLLOUTEVIDENCE", id) }

  static func rolloutEvidence(_ model: String, _ id: String, _ stage: Int, _ reporter: String) -> ItemKey {
    ItemKey(
      modelPartition(model), CompositeKey.joined("ROLLOUTEVIDENCE", id, CompositeKey.number(stage), reporter))
  }
}
