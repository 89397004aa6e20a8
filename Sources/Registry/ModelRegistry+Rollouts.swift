public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import ModelHub
public import Rollouts
internal import Store

/// Roll-outs of models, kept beside their versions: the last one of each model, all that became of them, and what was seen.
extension ModelRegistry: RolloutBook {
  /// The alias that a roll-out moves.
  private static let live = "live"

  /// One whose `live` was moved by somebody else meanwhile is superseded, and written down as that.
  public func rollouts(complain: (Fault) -> Void = { _ in }) throws(Fault) -> [Rollout] {
    var known: [Rollout] = []
    try table.forEach(Query(LibraryKeys.rollouts)) { (item) throws(Fault) in
      do throws(Fault) { known.append(try Self.rollout(item)) } catch { complain(error) }
    }
    for (place, rollout) in known.enumerated() where rollout.state.isActive {
      do throws(Fault) {
        let live = try alias(Self.live, of: rollout.model)
        guard live?.to != rollout.plan.baseline else { continue }
        known[place] = try write(superseded(rollout, live), after: rollout, seeing: try evidence(of: rollout).stage)
      } catch { complain(error.at("the roll-out of '\(rollout.model)'")) }
    }
    return known
  }

  public func isLive(_ rollout: Rollout) throws(Fault) -> Bool {
    try alias(Self.live, of: rollout.model)?.to == rollout.plan.candidate
  }

  private func superseded(_ rollout: Rollout, _ live: AliasMove?) -> Rollout {
    let place = live?.to.map { "to version \($0)" } ?? "away"
    return rollout.ended(
      .superseded, by: live?.by ?? "somebody", reason: "'\(Self.live)' was moved \(place) meanwhile", at: library.now)
  }

  public func evidence(
    of rollout: Rollout, except reporter: String
  ) throws(Fault) -> (stage: RolloutEvidence, earlier: VersionTally) {
    var (stage, earlier) = (RolloutEvidence(), VersionTally())
    let query = Query(
      LibraryKeys.modelPartition(rollout.model), .prefix(LibraryKeys.rolloutEvidence(rollout.id)))
    try table.forEach(query) { (item) throws(Fault) in
      let parts = CompositeKey.parts(of: item.key.sort)
      guard parts.count == 4, let number = CompositeKey.number(of: parts[2]) else { return }
      let seen = try RolloutEvidence(
        try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
      if number < rollout.stage { earlier.merge(seen.baseline) }
      if number == rollout.stage, parts[3] != reporter { stage.merge(seen) }
    }
    if rollout.plan.rule.needsKept { stage.kept = try figures(for: rollout) }
    return (stage, earlier)
  }

  public func note(_ evidence: RolloutEvidence, of rollout: Rollout, by reporter: String) throws(Fault) {
    let key = LibraryKeys.rolloutEvidence(rollout.model, rollout.id, rollout.stage, reporter)
    _ = try library.change("what was seen of '\(rollout.model)'") { () throws(Fault) in
      ([.put(key, evidence.json)], ())
    }
  }

  public func write(
    _ next: Rollout, after known: Rollout, seeing evidence: RolloutEvidence
  ) throws(Fault) -> Rollout {
    try library.change("the roll-out of '\(next.model)'") { () throws(Fault) in
      guard let item = try table.get(LibraryKeys.rollout(next.model)) else { throw Self.none(next.model) }
      let there = try Self.rollout(item)
      guard there.id == known.id, there.revision == known.revision else { return ([], there) }
      var (next, writes) = (next, [Write]())
      if next.state == .promoted {
        let live = try alias(Self.live, of: next.model)
        if live?.to == next.plan.baseline {
          writes = try moving(
            Self.live, of: next.model, to: next.plan.candidate, by: next.actor, reason: next.reason,
            expecting: .some(next.plan.baseline)
          ).writes
        } else {
          next = superseded(known, live)
        }
      }
      return (writes + Self.writes(next, over: item, evidence), next)
    }
  }

  public func begin(_ ask: RolloutAsk, of model: String, by who: String) throws(Fault) -> Rollout {
    try Self.check(who, ask.reason)
    let candidate = try find(ask.version, of: model).number
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: library.now, using: &random).text
    return try library.change("the roll-out of '\(model)'") { () throws(Fault) in
      let aliasKey = LibraryKeys.modelAlias(model, Self.live)
      let items = try table.get([LibraryKeys.rollout(model), aliasKey])
      if let there = try items[0].map({ (item) throws(Fault) in try Self.begun(item, model) }), there.state.isActive {
        throw Fault(
          .conflict,
          "version \(there.plan.candidate) of '\(model)' is being rolled out: 'ridley model rollout abort \(model)' ends that"
        )
      }
      guard let live = items[1], let baseline = try AliasMove(live).to else {
        throw Fault(
          .conflict,
          "nothing is live of '\(model)', so there is nothing to compare with: 'ridley model alias \(model) live \(candidate)' makes it so"
        )
      }
      let rollout = Rollout(
        model: model, id: id, plan: try ask.plan(candidate: candidate, baseline: baseline), by: who,
        reason: ask.reason, at: library.now)
      try Self.checkReads(rollout)
      let checks = try check(candidate, of: model) + [.check(aliasKey, if: .version(live.version))]
      return (checks + Self.writes(rollout, over: items[0], RolloutEvidence()), rollout)
    }
  }

  public func act(
    _ action: RolloutAction, on model: String, by who: String, reason: String?
  ) throws(Fault) -> Rollout {
    try Self.check(who, reason)
    guard NameGrammar.isModelName(model), let item = try table.get(LibraryKeys.rollout(model)) else {
      throw Self.none(model)
    }
    let known: Rollout
    do throws(Fault) { known = try Self.rollout(item) } catch {
      guard action == .abort else { throw error }
      return try abort(unreadable: model, by: who, reason: reason)
    }
    let moment = library.now
    guard known.state.isActive else { throw known.isOver }
    let next =
      switch action {
      case .pause, .resume: try known.held(action, by: who, reason: reason, at: moment)
      case .promote: known.ended(.promoted, by: who, reason: reason, at: moment)
      case .abort: known.ended(.aborted, by: who, reason: reason, at: moment)
      }
    // What was seen is no reason to keep what somebody wants ended.
    let seen: RolloutEvidence
    do throws(Fault) { seen = try evidence(of: known).stage } catch {
      guard action == .abort else { throw error }
      seen = RolloutEvidence()
    }
    let written = try write(next, after: known, seeing: seen)
    guard written.state == next.state, written.actor == who else {
      throw Fault(
        .conflict,
        "the roll-out of '\(model)' is \(written.state.rawValue) by now (\(written.reason ?? "by \(written.actor)"))")
    }
    return written
  }

  /// Ends one that another server wrote, and that is not understood here.
  private func abort(unreadable model: String, by who: String, reason: String?) throws(Fault) -> Rollout {
    try library.change("the roll-out of '\(model)'") { () throws(Fault) in
      guard let item = try table.get(LibraryKeys.rollout(model)) else { throw Self.none(model) }
      let there = try Rollout.salvaged(Self.value(item))
      guard there.state.isActive else { throw there.isOver }
      let over = there.ended(
        .aborted, by: who, reason: reason ?? "it could not be read, so its shares and rule are not kept",
        at: library.now)
      return (Self.writes(over, over: item, RolloutEvidence()), over)
    }
  }

  /// What cannot be read is left out.
  public func stages(of model: String) throws(Fault) -> [RolloutEntry] {
    guard NameGrammar.isModelName(model) else { return [] }
    var entries: [RolloutEntry] = []
    let query = Query(
      LibraryKeys.modelPartition(model), .prefix(LibraryKeys.rolloutEntries), order: .descending, limit: 100)
    for item in try table.items(query).elements {
      if let entry = try? Self.entry(item) { entries.append(entry) }
    }
    return entries
  }

  private static func entry(_ item: Item) throws(Fault) -> RolloutEntry {
    let fields = try value(item).fields(EntryKey.self, others: .ignored)
    return RolloutEntry(
      try Rollout(try fields.required(.rollout)), try RolloutEvidence(try fields.required(.evidence)))
  }

  private enum EntryKey: String, CaseIterable { case rollout, evidence }

  static func value(_ item: Item) throws(Fault) -> JSONValue {
    try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root
  }

  static func rollout(_ item: Item) throws(Fault) -> Rollout { try Rollout(try value(item)) }

  /// The one that was begun before, with what to do about one that cannot be read.
  private static func begun(_ item: Item, _ model: String) throws(Fault) -> Rollout {
    do throws(Fault) { return try rollout(item) } catch {
      throw Fault(
        .conflict,
        "the last roll-out of '\(model)' cannot be read: 'ridley model rollout abort \(model)' ends it",
        cause: error.message)
    }
  }

  /// Nothing is written that would not be read as the same.
  private static func checkReads(_ rollout: Rollout) throws(Fault) {
    let text = JSONWriter.object { rollout.write(into: &$0) }
    let again = try Rollout(try JSONDocument(parsing: text.span.bytes, name: "the roll-out").root)
    guard JSONWriter.object({ again.write(into: &$0) }) == text else {
      throw Fault(.badInput, "this roll-out would be read as another one: write its rule and shares more simply")
    }
  }

  /// The last one, and what stays of it for ever.
  private static func writes(_ rollout: Rollout, over item: Item?, _ evidence: RolloutEvidence) -> [Write] {
    let entry = JSONWriter.object { json in
      json.object("rollout") { rollout.write(into: &$0) }
      json.field("evidence", embedding: evidence.json)
    }
    return [
      .put(
        LibraryKeys.rollout(rollout.model), JSONWriter.object { rollout.write(into: &$0) },
        if: item.map { .version($0.version) } ?? .absent),
      .put(LibraryKeys.rolloutEntry(rollout.model, rollout.id, rollout.revision), entry, if: .absent),
    ]
  }

  private static func none(_ model: String) -> Fault {
    Fault(
      .notFound,
      "no version of '\(model.prefix(80))' was rolled out yet: 'ridley model rollout \(model.prefix(80))@VERSION' begins it"
    )
  }
}

extension ModelRegistry {
  /// The versions that are being rolled out, by model.
  func candidates() throws(Fault) -> [String: Int] {
    var candidates: [String: Int] = [:]
    try table.forEach(Query(LibraryKeys.rollouts)) { (item) throws(Fault) in
      let rollout: Rollout
      do throws(Fault) { rollout = try Self.rollout(item) } catch {
        // It may go on on another server.
        guard let salvaged = try? Rollout.salvaged(try Self.value(item)) else { return }
        rollout = salvaged
      }
      if rollout.state.isActive { candidates[rollout.model] = rollout.plan.candidate }
    }
    return candidates
  }
}
