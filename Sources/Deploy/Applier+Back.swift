internal import Base

/// Back.
extension Applier {
  /// Undoes what was begun, the last first; what others changed meanwhile, and what cannot be as it was, is left and named.
  func goBack(because reason: String) throws(Fault) -> [String] {
    hooks.tell("going back: \(reason)")
    var left: [String] = []
    for number in journal.begun.sorted(by: >) {
      let step = journal.plan.steps[number]
      let actual = try reader.read([step.key]).things[step.key]?.fields
      if let problem = try undo(step, actual) {
        left.append(problem)
        // What was left there as the plan says is the blueprint's all the same.
        if actual == seen(step) { record(step, step.after) }
      }
    }
    try folder.write(state)
    try folder.removeJournal()
    return left
  }

  /// `nil` where it is as it was.
  private func undo(_ step: PlanStep, _ actual: ThingFields?) throws(Fault) -> String? {
    if actual == step.before, step.hidden.isEmpty { return nil }
    guard actual == seen(step) || actual == step.before || actual == nil && step.key.kind.isReplaced else {
      return "\(step.key.text) was changed by others meanwhile: it stays as it is"
    }
    let writer = StepWriter(link: link)
    guard let before = step.before else {
      hooks.tell("undo \(step.action.rawValue) \(step.key.text)")
      try writer.remove(step.key)
      return nil
    }
    guard step.isReversible, let kept = keptHidden(of: step) else {
      return
        "\(step.key.text) cannot be as it was: what servers do not show of it (a password, an address) is not known here any more"
    }
    hooks.tell("undo \(step.action.rawValue) \(step.key.text)")
    try writer.put(step.key, before, hidden: kept, isThere: actual != nil)
    return nil
  }

  /// What was not shown before either, and is the same as it was; `nil` where that is not at hand any more.
  private func keptHidden(of step: PlanStep) -> [String: String]? {
    let names = Set(step.seals.keys).subtracting(step.hidden)
    guard !names.isEmpty else { return [:] }
    return (try? hidden(of: step)).map { $0.filter { names.contains($0.key) } }
  }
}
