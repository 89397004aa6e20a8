public import Base
public import Catalog
internal import Items
internal import Library
internal import ModelHub
internal import Objects
internal import Store

/// Letting go of versions: what refers to one, removing it, and removing all that nothing refers to.
extension ModelRegistry {
  /// What keeps a version.
  public enum Reference: Sendable, Hashable {
    /// An alias that points to it.
    case alias(String)
    /// A roll-out that is under way and has it as its candidate.
    case rollout
    /// An alias that pointed to it: the last of its moves from there or to it, in milliseconds since 1970.
    case history(alias: String, at: Int)
    /// The newest analysis in which it answered.
    case analysis(asset: ULID, client: String)
    /// A job that is not over.
    case job(ULID, client: String)

    /// A sentence's part: who it is.
    public var text: String {
      switch self {
      case .alias(let name): "the alias '\(name)' points to it"
      case .rollout: "it is being rolled out"
      case .history(let alias, let at):
        "the alias '\(alias)' pointed to it up to \(CompositeKey.time(milliseconds: at)), and may be rolled back"
      case .analysis(let asset, let client): "it answered about the asset \(asset) of '\(client)'"
      case .job(let id, let client): "the job \(id) of '\(client)' is not over"
      }
    }
  }

  /// Who refers to a version; none where nothing keeps it.
  public func references(to version: RegisteredVersion) throws(Fault) -> [Reference] {
    var found: [Reference] = []
    for move in try aliases(of: version.model) where move.to == version.number { found.append(.alias(move.alias)) }
    if try candidates()[version.model] == version.number { found.append(.rollout) }
    var past: [String: Int] = [:]
    for move in try history(of: version.model) where move.to == version.number || move.from == version.number {
      past[move.alias] = max(past[move.alias] ?? 0, move.at)
    }
    for (alias, at) in past.sorted(by: { $0.key < $1.key }) where !found.contains(.alias(alias)) {
      found.append(.history(alias: alias, at: at))
    }
    if let answer = try answered(by: version, limit: 1).answers.first {
      found.append(.analysis(asset: answer.asset.id, client: answer.asset.group.client))
    }
    return found + (try jobs(with: version)).map { .job($0.id, client: $0.client) }
  }

  /// Jobs that are not over and name a version's digest, or the model with another that is no version's: that has another recipe.
  private func jobs(with version: RegisteredVersion) throws(Fault) -> [Job] {
    let others = Set(try versions(of: version.model).map(\.digest)).subtracting([version.digest])
    var jobs: [Job] = []
    for client in try library.clients(scope: .all) {
      for state in Job.State.allCases where !state.isOver {
        let partition = CompositeKey.joined("CLIENT", client.name, "STATE", state.rawValue)
        var keys: [ItemKey] = []
        try table.forEach(Query(partition), of: LibrarySchema.jobState) { keys.append($0.key) }
        for item in try table.present(keys) {
          let job = try Job(item)
          let names = job.pipelines.flatMap(\.models).map { $0.split(separator: "@", maxSplits: 1).map(String.init) }
          let isMeant = names.contains { name in
            name.last == version.digest || name.first == version.model && !others.contains(name.last ?? "")
          }
          if isMeant { jobs.append(job) }
        }
      }
    }
    return jobs
  }

  /// Lets go of a version's files; what is said of it, its number and all moves stay.
  ///
  /// `lettingGoOfHistory` is for one to which no alias points any more. One that was removed already is gone through once more, for what an
  /// interrupted removal left.
  /// - Throws: `conflict` with who refers to it.
  public func remove(
    _ version: RegisteredVersion, by who: String, reason: String? = nil, lettingGoOfHistory: Bool = false
  ) throws(Fault) -> RegisteredVersion {
    try Self.check(who, reason)
    let key = version.itemKey
    let removed = try library.change("the model '\(version.model)'") { () throws(Fault) in
      guard let item = try table.get(key) else { throw Fault(.notFound, "there is no version \(version.number)") }
      var found = try RegisteredVersion(item)
      guard found.removed == nil else { return ([], found) }
      let keeping = try references(to: found).filter { reference in
        if case .history = reference { !lettingGoOfHistory } else { true }
      }
      guard keeping.isEmpty else { throw Self.kept(found, keeping) }
      found.removed = .init(at: library.now, by: who, reason: reason)
      return (
        [
          .put(key, found.json, if: .version(item.version)),
          .delete(LibraryKeys.modelDigest(version.model, version.digest)),
        ], found
      )
    }
    try removeReferences(of: removed)
    return removed
  }

  private static func kept(_ version: RegisteredVersion, _ references: [Reference]) -> Fault {
    let isHistoryAlone = references.allSatisfy { if case .history = $0 { true } else { false } }
    let way = isHistoryAlone ? "; --history lets go of it all the same" : ""
    return Fault(
      .conflict,
      "version \(version.number) of '\(version.model)' is still needed: \(references.map(\.text).joined(separator: "; "))\(way)"
    )
  }

  /// Says of a removed version's objects that it needs them no longer; those of others stay.
  private func removeReferences(of version: RegisteredVersion) throws(Fault) {
    var keys = version.references
    for set in try examples(of: version.model, version: version.number) { keys += set.references }
    while !keys.isEmpty {
      let some = keys.prefix(ItemLimits.writeCount)
      keys.removeFirst(some.count)
      _ = try table.write(some.map { .delete($0) })
    }
  }

  /// A version that ``collect(keeping:by:isTrial:)`` let go of, or would.
  public struct Collected: Sendable {
    public let version: RegisteredVersion
    /// Bytes of its files, some of which others may share.
    public var byteCount: Int { version.byteCount }
  }

  /// Removes, of every model, what nothing refers to, but for its newest versions; with `isTrial`, only says which these are.
  ///
  /// What an alias ever pointed to counts as referred to.
  public func collect(keeping count: Int, by who: String, isTrial: Bool) throws(Fault) -> [Collected] {
    var found: [Collected] = []
    for model in try models() {
      if !isTrial {
        // A removal that was interrupted has left them.
        for version in try versions(of: model, withRemoved: true) where version.removed != nil {
          try removeReferences(of: version)
        }
      }
      for version in try versions(of: model).dropLast(count) where try references(to: version).isEmpty {
        guard !isTrial else {
          found.append(Collected(version: version))
          continue
        }
        do throws(Fault) {
          found.append(
            Collected(version: try remove(version, by: who, reason: "model gc, keeping the newest \(count)")))
        } catch {
          // Somebody began to use it meanwhile.
          guard error.kind == .conflict else { throw error }
        }
      }
    }
    return found
  }
}
