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
  public func rollouts() throws(Fault) -> [Rollout] {
    var known: [Rollout] = []
    try table.forEach(Query(LibraryKeys.rollouts)) { (item) throws(Fault) in known.append(try Self.rollout(item)) }
    for (place, rollout) in known.enumerated() where rollout.state.isActive {
      let live = try alias(Self.live, of: rollout.model)
      guard live?.to != rollout.plan.baseline else { continue }
      known[place] = try write(superseded(rollout, live), after: rollout, seeing: try evidence(of: rollout).stage)
    }
    return known
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
      if let there = try items[0].map({ (item) throws(Fault) in try Self.rollout(item) }), there.state.isActive {
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
    let known = try Self.rollout(item)
    let moment = library.now
    guard known.state.isActive else { throw known.isOver }
    let next =
      switch action {
      case .pause, .resume: try known.held(action, by: who, reason: reason, at: moment)
      case .promote: known.ended(.promoted, by: who, reason: reason, at: moment)
      case .abort: known.ended(.aborted, by: who, reason: reason, at: moment)
      }
    let written = try write(next, after: known, seeing: try evidence(of: known).stage)
    guard written.state == next.state, written.actor == who else {
      throw Fault(
        .conflict,
        "the roll-out of '\(model)' is \(written.state.rawValue) by now (\(written.reason ?? "by \(written.actor)"))")
    }
    return written
  }

  public func stages(of model: String) throws(Fault) -> [RolloutEntry] {
    guard NameGrammar.isModelName(model) else { return [] }
    var entries: [RolloutEntry] = []
    let query = Query(
      LibraryKeys.modelPartition(model), .prefix(LibraryKeys.rolloutEntries), order: .descending, limit: 100)
    for item in try table.items(query).elements {
      let fields = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root
        .fields(EntryKey.self)
      entries.append(
        RolloutEntry(
          try Rollout(try fields.required(.rollout)), try RolloutEvidence(try fields.required(.evidence))))
    }
    return entries
  }

  private enum EntryKey: String, CaseIterable { case rollout, evidence }

  private static func rollout(_ item: Item) throws(Fault) -> Rollout {
    try Rollout(try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
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
      let rollout = try Self.rollout(item)
      if rollout.state.isActive { candidates[rollout.model] = rollout.plan.candidate }
    }
    return candidates
  }
}
