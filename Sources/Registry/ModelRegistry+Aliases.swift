public import Base
public import Catalog
internal import Items
internal import Library
internal import ModelHub
internal import Store

/// Aliases, and their history.
extension ModelRegistry {
  /// The last move of every alias of a model that points somewhere, by name.
  public func aliases(of model: String) throws(Fault) -> [AliasMove] {
    guard NameGrammar.isModelName(model) else { return [] }
    var moves: [AliasMove] = []
    try table.forEach(Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelAliases))) {
      (item) throws(Fault) in moves.append(try AliasMove(item))
    }
    return moves.filter { $0.to != nil }
  }

  /// The last move of an alias; one that was taken away points nowhere, and `nil` was never there.
  public func alias(_ alias: String, of model: String) throws(Fault) -> AliasMove? {
    guard NameGrammar.isModelName(model), NameGrammar.isAlias(alias) else { return nil }
    return try table.get(LibraryKeys.modelAlias(model, alias)).map { (item) throws(Fault) in try AliasMove(item) }
  }

  /// The last move of an alias up to a moment in milliseconds since 1970: where it pointed then.
  ///
  /// One look at the index, however many moves there were. `nil` where the alias was not there yet.
  public func alias(_ alias: String, of model: String, at moment: Int) throws(Fault) -> AliasMove? {
    guard NameGrammar.isModelName(model), NameGrammar.isAlias(alias) else { return nil }
    let query = Query(
      LibraryKeys.modelPartition(model), LibraryKeys.modelMoves(alias, upTo: moment), order: .descending, limit: 1)
    return try table.items(query).elements.first.map { (item) throws(Fault) in try AliasMove(item) }
  }

  /// All moves of an alias, or of every alias, the oldest first.
  public func history(of model: String, alias: String? = nil) throws(Fault) -> [AliasMove] {
    guard NameGrammar.isModelName(model) else { return [] }
    var moves: [AliasMove] = []
    try table.forEach(Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelMoves(alias)))) {
      (item) throws(Fault) in moves.append(try AliasMove(item))
    }
    return alias == nil ? moves.sorted { $0.at < $1.at } : moves
  }

  /// Points an alias to a version, or takes it away with `nil`; the move stays in the history for ever.
  ///
  /// `expected` is where the alias has to point now, so that what was decided on by what was seen is not done to something else: the fault is
  /// `conflict` then. An alias that points there already is left as it is.
  public func move(
    _ alias: String, of model: String, to number: Int?, by who: String, reason: String? = nil,
    expecting expected: Int?? = nil
  ) throws(Fault) -> AliasMove {
    guard NameGrammar.isAlias(alias) else { throw VersionRepository.noAlias(alias) }
    try Self.check(who, reason)
    return try library.change("the alias '\(alias)'") { () throws(Fault) in
      try moving(alias, of: model, to: number, by: who, reason: reason, expecting: expected)
    }
  }

  /// The writes of a move as things stand, none where the alias points there already, and the move.
  func moving(
    _ alias: String, of model: String, to number: Int?, by who: String, reason: String?, expecting expected: Int??
  ) throws(Fault) -> (writes: [Write], result: AliasMove) {
    let key = LibraryKeys.modelAlias(model, alias)
    let item = try table.get(key)
    let last = try item.map { (item) throws(Fault) in try AliasMove(item) }
    if let expected, expected != last?.to {
      let now = last?.to.map { "version \($0)" } ?? "no version"
      throw Fault(.conflict, "'\(alias)' of '\(model)' points to \(now) by now: look at it again")
    }
    if let last, last.to == number { return ([], last) }
    guard number != nil || last?.to != nil else {
      throw Fault(.notFound, "the model '\(model)' has no alias '\(alias)'")
    }
    let move = AliasMove(
      model: model, alias: alias, at: max(library.now, last.map { $0.at + 1 } ?? 0), from: last?.to, to: number,
      by: who, reason: reason)
    return (try check(number, of: model) + Self.writes(move, key, item?.version), move)
  }

  private static func writes(_ move: AliasMove, _ key: ItemKey, _ version: ItemVersion?) -> [Write] {
    [
      .put(key, move.json, if: version.map { .version($0) } ?? .absent),
      .put(LibraryKeys.modelMove(move.model, move.alias, at: move.at), move.json, if: .absent),
    ]
  }

  /// The version is there, and nobody removed it before this is written: who removes it looks again where it was written meanwhile.
  func check(_ number: Int?, of model: String) throws(Fault) -> [Write] {
    guard let number else { return [] }
    guard NameGrammar.isModelName(model), number > 0, let item = try table.get(LibraryKeys.modelVersion(model, number))
    else {
      // What there is instead is told where it is missing.
      _ = try find("\(number)", of: model)
      return []
    }
    let version = try RegisteredVersion(item)
    if let removed = version.removed { throw Self.gone(version, removed) }
    return [.put(item.key, item.body, if: .version(item.version))]
  }

  /// Words of people, which are kept with every move.
  static func check(_ who: String, _ reason: String?) throws(Fault) {
    guard !who.isEmpty, who.utf8.count <= 200, (reason ?? "").utf8.count <= 2000 else {
      throw Fault(.badInput, "who did it is told in 1 to 200 bytes, and the reason in 2000 at most")
    }
  }
}
