public import Base
public import Rollouts

/// A turn of the desk: what was seen is written down, and what follows from it is done.
extension RolloutDesk {
  /// Takes over what is kept, as it is by now.
  public func take(_ rollouts: [Rollout], _ models: ModelRepository) {
    for rollout in rollouts { take(rollout, models) }
    let known = Set(rollouts.map(\.model))
    for model in state.update({ Array($0.active.keys) }) where !known.contains(model) {
      state.update { $0.active[model] = nil }
      tell(model)
    }
  }

  private func take(_ rollout: Rollout, _ models: ModelRepository) {
    let (candidate, baseline) = ("\(rollout.plan.candidate)", "\(rollout.plan.baseline)")
    let (before, isMoved) = state.update { state -> (Active?, Bool) in
      let before = state.active[rollout.model]
      if rollout.state.isActive {
        var now = before ?? Active(rollout: rollout)
        if now.rollout.id != rollout.id || now.rollout.stage != rollout.stage {
          let isFit = now.rollout.id == rollout.id && now.isFit
          now = Active(rollout: rollout)
          now.isFit = isFit
        }
        now.rollout = rollout
        state.active[rollout.model] = now
        state.promoted[rollout.model] = nil
      } else {
        state.active[rollout.model] = nil
        if before?.rollout.id == rollout.id {
          state.endings["\(rollout.model)/\(rollout.state.rawValue)", default: 0] += 1
          if rollout.state == .promoted { state.promoted[rollout.model] = rollout }
        }
        // From here on its alias says it.
        let isThere = models.alias("live", of: rollout.model) != baseline
        if isThere { state.promoted[rollout.model] = nil }
      }
      let isSame = before?.rollout.share == rollout.share && before?.rollout.id == rollout.id
      return (before, !isSame || !rollout.state.isActive)
    }
    for version in [baseline, candidate] {
      models.metrics(of: rollout.model, version: version).watch(rollout.state.isActive)
    }
    guard isMoved, before != nil || rollout.state.isActive else { return }
    if rollout.share > 0 { models.settle(rollout.model, candidate) }
    tell(rollout.model)
  }

  /// Has whoever asked to know look again at who answers questions to the model.
  func tell(_ model: String) {
    for body in changed.update({ $0 }) { body(model) }
  }

  /// Looks at all rollouts once, at a moment in milliseconds since 1970; whether any of them went on or ended.
  ///
  /// `fitness` says whether a candidate may be asked: no question goes to one before. `complain` hears of those that failed to be looked at; the others
  /// are looked at all the same.
  public func turn(
    _ models: ModelRepository, _ book: any RolloutBook, at moment: Int,
    fitness: (_ model: String, _ version: Int) -> Fitness = { _, _ in .fit }, complain: (Fault) -> Void
  ) throws(Fault) -> Bool {
    var (isChanged, trouble) = (false, Fault?.none)
    do throws(Fault) {
      var unread: [Fault] = []
      take(try book.rollouts { unread.append($0) }, models)
      note(unread, complain)
      try settlePromoted(book)
    } catch { trouble = error }
    for model in state.update({ $0.active.keys.sorted() }) {
      do throws(Fault) {
        look(model, fitness)
        if try turn(model, models, book, at: moment) { isChanged = true }
      } catch {
        // Each reason once, however often it is met.
        let isNew = state.update { state in
          defer { state.active[model]?.news = error.message }
          return state.active[model]?.news != error.message
        }
        if isNew { complain(error.at("the roll-out of '\(model)'")) }
      }
    }
    if let trouble { throw trouble }
    return isChanged
  }

  /// A promotion counts before its alias has moved here, for as long as nobody has moved that elsewhere.
  private func settlePromoted(_ book: any RolloutBook) throws(Fault) {
    for (model, rollout) in state.update({ $0.promoted }) {
      guard try !book.isLive(rollout) else { continue }
      state.update { state in
        if state.promoted[model]?.id == rollout.id { state.promoted[model] = nil }
      }
      tell(model)
    }
  }

  /// Tells of what cannot be read: each reason once, however often it is met.
  private func note(_ unread: [Fault], _ complain: (Fault) -> Void) {
    let before = state.update { state in
      defer { state.unread = Set(unread.map(\.message)) }
      return state.unread
    }
    for fault in unread where !before.contains(fault.message) { complain(fault) }
  }

  private func look(_ model: String, _ fitness: (_ model: String, _ version: Int) -> Fitness) {
    guard let candidate = state.update({ $0.active[model]?.rollout.plan.candidate }) else { return }
    let found = fitness(model, candidate)
    if case .unfit(let reason) = found { return out(model, reason) }
    let isNew = state.update { state in
      guard let before = state.active[model]?.isFit, before != (found == .fit) else { return false }
      state.active[model]!.isFit = found == .fit
      return true
    }
    if isNew { tell(model) }
  }

  private func turn(
    _ model: String, _ models: ModelRepository, _ book: any RolloutBook, at moment: Int
  ) throws(Fault) -> Bool {
    guard let active = collect(model, models) else { return false }
    let rollout = active.rollout
    // What is out is out at once, also where nothing can be written down, and stays out.
    let loss = active.loss ?? models.loss(of: rollout)
    if let loss { out(model, loss) }
    var (stage, earlier): (RolloutEvidence, VersionTally)
    do throws(Fault) { (stage, earlier) = try book.evidence(of: rollout, except: reporter) } catch {
      let own = rollout.judged(active.seen, earlier: VersionTally())
      if case .rollBack(let reason) = rollout.decision(own, loss: loss, at: moment) { out(model, reason) }
      throw error
    }
    stage.merge(active.seen)
    let next: Rollout
    switch rollout.decision(rollout.judged(stage, earlier: earlier), loss: loss, at: moment) {
    case .wait(let reason):
      let isThere = (try? models.find(model, version: "\(rollout.plan.candidate)")) != nil
      state.update { state in
        state.active[model]?.known = stage
        state.active[model]?.news = isThere ? reason : "the candidate is not loaded here yet"
      }
      try note(active, to: book, isLast: false)
      return false
    case .advance: next = rollout.advanced(at: moment)
    case .promote: next = rollout.ended(.promoted, by: rollout.name, reason: "the rule held in every step", at: moment)
    case .rollBack(let reason):
      out(model, reason)
      next = rollout.ended(.rolledBack, by: rollout.name, reason: reason, at: moment)
    }
    try note(active, to: book, isLast: true)
    take(try book.write(next, after: rollout, seeing: stage), models)
    return true
  }

  /// Nanoseconds after which what was seen is written down again.
  private static let noteInterval: UInt64 = 1_000_000_000

  private func note(_ active: Active, to book: any RolloutBook, isLast: Bool) throws(Fault) {
    let now = Clock.now
    guard !active.isNoted, isLast || now >= active.noted + Self.noteInterval else { return }
    try book.note(active.seen, of: active.rollout, by: reporter)
    state.update { state in
      guard state.active[active.rollout.model]?.rollout.id == active.rollout.id else { return }
      state.active[active.rollout.model]!.isNoted = state.active[active.rollout.model]!.seen == active.seen
      state.active[active.rollout.model]!.noted = now
    }
  }

  private func out(_ model: String, _ reason: String) {
    let isNew = state.update { state in
      guard state.active[model]?.loss == nil else { return false }
      state.active[model]?.loss = reason
      return state.active[model] != nil
    }
    if isNew { tell(model) }
  }

  /// Adds what both versions counted themselves since the last turn.
  private func collect(_ model: String, _ models: ModelRepository) -> Active? {
    guard let rollout = state.update({ $0.active[model]?.rollout }) else { return nil }
    let baseline = models.metrics(of: model, version: "\(rollout.plan.baseline)").takeWatched()
    let candidate = models.metrics(of: model, version: "\(rollout.plan.candidate)").takeWatched()
    return state.update { state in
      guard state.active[model]?.rollout.id == rollout.id else { return state.active[model] }
      if !baseline.isEmpty || !candidate.isEmpty {
        state.active[model]!.seen.baseline.merge(baseline)
        state.active[model]!.seen.candidate.merge(candidate)
        state.active[model]!.isNoted = false
      }
      return state.active[model]
    }
  }
}
