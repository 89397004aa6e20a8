internal import Base

/// Back.
extension Applier {
  /// Undoes what was begun, the last first; what others changed meanwhile, what cannot be as it was and what a server refuses is left and named.
  ///
  /// One that cannot be undone now keeps no other from it.
  ///
  /// - Throws: `unavailable` where some are still to be undone: they stay in the journal.
  func goBack(because reason: String) throws(Fault) -> [String] {
    hooks.tell("going back: \(reason)")
    var waiting: [String] = []
    for number in journal.begun.sorted(by: >) {
      do throws(Fault) {
        if let problem = try takeBack(number) { journal.left.append(problem) }
      } catch {
        guard error.kind != .closed else { throw error }
        waiting.append("\(journal.plan.steps[number].key.text): \(error.message)")
        continue
      }
      // What was left is written down before it is known to be over.
      try folder.write(state)
      journal.begun.remove(number)
      try folder.write(journal)
    }
    guard waiting.isEmpty else {
      throw Fault(
        .unavailable,
        "it was not applied: \(reason)\nnot taken back yet, the next 'ridley deploy apply' of the stage goes on with it (or forgets it, with --forget):"
          + (waiting + journal.left).map { "\n  \($0)" }.joined())
    }
    try folder.write(state)
    try folder.removeJournal()
    return journal.left
  }

  /// Undoes a step; what was left instead, in words.
  private func takeBack(_ number: Int) throws(Fault) -> String? {
    let (step, isDone) = (journal.plan.steps[number], journal.done.contains(number))
    let actual = try reader.read([step.key]).things[step.key]?.fields
    let problem: String?
    do throws(Fault) { problem = try undo(step, actual, isDone: isDone) } catch {
      guard StepWriter.isRefusal(error) else { throw error }
      let name = step.key.text
      let reason = error.message.hasPrefix(name + ": ") ? error.message.dropFirst(name.count + 2) : error.message[...]
      problem = "\(name) stays as it is, since its server refuses to have it as it was: \(reason)"
    }
    guard problem != nil else { return nil }
    // What was left there as the plan says is the blueprint's all the same.
    if actual == seen(step) { record(step, step.after) }
    if !isDone || actual != seen(step) { state.doubt(step) }
    return problem
  }

  /// `nil` where it is as it was.
  private func undo(_ step: PlanStep, _ actual: ThingFields?, isDone: Bool) throws(Fault) -> String? {
    // What is shown tells whether it was written, but where only what is hidden is another.
    if actual == step.before, step.hidden.isEmpty || !isDone && actual != seen(step) { return nil }
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
