internal import Base

/// Onwards.
extension Applier {
  /// Everything is there before the first change: what is loading is waited for, and nothing is written, on servers or here.
  func prepare() throws(Fault) {
    for step in journal.plan.steps where step.after != nil { _ = try hidden(of: step) }
    try awaitVersions(needs(of: journal.plan.steps))
    let reality = try reader.read(Set(journal.plan.steps.map(\.key)))
    let moved = journal.plan.steps.filter { reality.things[$0.key]?.fields != $0.before }
    guard moved.isEmpty else {
      throw Planner.fault(moved.map { "\($0.key.text) is not as it was when the plan was made" })
    }
  }

  func advance() throws(Fault) {
    let steps = journal.plan.steps.indices
    let isLast = { (number: Int) in self.journal.plan.steps[number].action == .destroy }
    for number in steps where !isLast(number) { try perform(number) }
    try checkHealth()
    for number in steps where isLast(number) { try perform(number) }
  }

  private func perform(_ number: Int) throws(Fault) {
    guard !journal.done.contains(number) else { return }
    let step = journal.plan.steps[number]
    let wasBegun = !journal.begun.insert(number).inserted
    try folder.write(journal)
    hooks.tell("\(step.action.rawValue) \(step.key.text)")
    try until(step.key.text) { () throws(Fault) in
      do throws(Fault) {
        try write(step, mayBeDone: wasBegun)
        return true
      } catch {
        guard error.kind == .unavailable || error.kind == .exhausted else { throw error }
        // It is not known whether it was done: the next look tells.
        return retry(error)
      }
    }
    journal.done.insert(number)
    try folder.write(journal)
  }

  /// One look and one write, by which nothing is done twice.
  private func write(_ step: PlanStep, mayBeDone: Bool) throws(Fault) {
    let actual = try reader.read([step.key]).things[step.key]?.fields
    let wanted = seen(step)
    let isHalf = actual == wanted || actual == nil && step.key.kind.isReplaced
    guard actual == step.before || isHalf && (mayBeDone || last != nil) else {
      throw Fault(.conflict, "\(step.key.text) was changed by others since the plan was made")
    }
    let writer = StepWriter(link: link)
    guard let after = step.after else {
      if actual != nil { try writer.remove(step.key) }
      return
    }
    if actual == wanted, step.hidden.isEmpty, step.action != .create || step.seals.isEmpty { return }
    let hidden = try hidden(of: step)
    do throws(Fault) { try writer.put(step.key, after, hidden: hidden, isThere: actual != nil) } catch {
      let mayBeThere = mayBeDone || last != nil
      if StepWriter.isRefusal(error), !mayBeThere { forgetIfAsBefore(step) }
      throw error
    }
    let now = try reader.read([step.key]).things[step.key]?.fields
    guard let wanted, now == wanted else {
      let others = (now ?? ThingFields()).differences(to: wanted ?? ThingFields())
      let words = others.map { "\($0.name) is \($0.old ?? "nothing") and not \($0.new ?? "nothing")" }
      throw Fault(.conflict, "\(step.key.text) is there otherwise than it was told: \(words.joined(separator: "; "))")
    }
  }

  /// Of a step that the server refused nothing is to be taken back.
  private func forgetIfAsBefore(_ step: PlanStep) {
    guard let now = try? reader.read([step.key]), now.things[step.key]?.fields == step.before,
      let number = journal.plan.steps.firstIndex(where: { $0.key == step.key })
    else { return }
    journal.begun.remove(number)
  }

  /// Servers are ready, versions that aliases point to still are, and streams that were written are live.
  private func checkHealth() throws(Fault) {
    let written = journal.plan.steps.filter { $0.after != nil && ($0.action != .adopt || !$0.differences.isEmpty) }
    for server in Set(written.map(\.key.server)).sorted() {
      try until("the server \(server)") { () throws(Fault) in
        do throws(Fault) { _ = try link.answer(to: DeployRequest(server, ["readyz"])) } catch { return retry(error) }
        return true
      }
    }
    try awaitVersions(needs(of: written.filter { $0.key.kind == .alias }))
    try awaitStreams(Set(written.map(\.key).filter { $0.kind == .stream }))
  }

  /// What is loading is waited for.
  private func awaitVersions(_ needs: [(server: String, need: Thing.Need)]) throws(Fault) {
    try until("versions that are being loaded") { () throws(Fault) in
      let reality: Reality
      do throws(Fault) { reality = try reader.read([], needs: needs) } catch {
        guard error.kind == .unavailable else { throw error }
        return retry(error)
      }
      let problems = needs.compactMap { reality.problem(of: $0.need, on: $0.server) }
      guard problems.isEmpty else { throw Planner.fault(problems) }
      return needs.allSatisfy { !reality.isLoading($0.need, on: $0.server) }
    }
  }

  private func awaitStreams(_ streams: Set<ThingKey>) throws(Fault) {
    guard !streams.isEmpty else { return }
    try until("streams") { () throws(Fault) in
      let now: Reality
      do throws(Fault) { now = try reader.read(streams) } catch { return retry(error) }
      let words = streams.sorted().compactMap { key -> String? in
        guard let stream = now.streams[key] else { return "\(key.text) is gone" }
        // One that is live and has a reason is shown, and looked at by nobody.
        guard stream.state != "ended", stream.state != "live" || stream.reason != nil else { return nil }
        return "\(key.text) is \(stream.state)\(stream.reason.map { ": \($0)" } ?? "")"
      }
      guard !words.isEmpty else { return true }
      let time = Units.text(seconds: patience)
      return retry(Fault(.unavailable, "not live within \(time): \(words.joined(separator: "; "))"))
    }
  }

  private func needs(of steps: [PlanStep]) -> [(server: String, need: Thing.Need)] {
    let things = steps.compactMap { step in site.things.first { $0.key == step.key } }
    return things.flatMap { thing in thing.outerNeeds(in: site).map { (server: thing.key.server, need: $0) } }
  }
}
