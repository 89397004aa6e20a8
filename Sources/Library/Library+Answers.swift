package import Base
internal import Catalog
internal import Items
internal import Store

/// Which analyses of a client a network answered in: kept beside the analyses, and made for those of older libraries.
extension Library {
  /// Items of one transaction.
  private static let answersOfStep = 40

  /// Has the answers follow an asset that came from another client, or that has more of them than one transaction takes; nothing where neither is so.
  func followMove(of id: ULID) throws(Fault) {
    guard let mark = try table.get(LibraryKeys.moved(id)) else { return }
    let former = try FormerClient(mark).client
    for key in try analyses(of: id) {
      guard let item = try table.get(key) else { continue }
      let analysis = try Analysis(item)
      try tell(analysis)
      let gone = former.map { LibraryKeys.answers(analysis, of: $0) } ?? []
      try remove(gone, unlessOf: analysis)
    }
    _ = try table.write([.delete(mark.key, if: .version(mark.version))])
  }

  /// The same for all assets that a program did not come to the end with.
  private func followMoves() throws(Fault) {
    try table.forEach(Query(LibraryKeys.moved)) { (item) throws(Fault) in
      if let id = ULID(item.key.sort) { try followMove(of: id) }
    }
  }

  /// The keys of an asset's analyses.
  private func analyses(of id: ULID) throws(Fault) -> [ItemKey] {
    var keys: [ItemKey] = []
    try table.forEach(Query(LibraryKeys.assetPartition(id), .prefix(LibraryKeys.analyses))) { keys.append($0.key) }
    return keys
  }

  /// Writes the answers of an analysis, of the client whose the asset is.
  private func tell(_ analysis: Analysis) throws(Fault) {
    var place = 0
    while try change(
      "the asset '\(analysis.asset)'",
      { () throws(Fault) in
        guard let item = try table.get(LibraryKeys.asset(analysis.asset)) else { return ([], false) }
        let all = LibraryKeys.answers(analysis, of: try Asset(item).group.client).dropFirst(place)
        let some = all.prefix(Self.answersOfStep)
        let there = try table.get(Array(some)).map { $0 != nil }
        let missing = zip(some, there).filter { !$0.1 }.map(\.0)
        guard !missing.isEmpty else { return ([], all.count > some.count) }
        // Nobody moved or deleted it meanwhile.
        let check = Write.check(item.key, if: .version(item.version))
        return ([check] + missing.map { .put($0, Array("{}".utf8)) }, all.count > some.count)
      })
    { place += Self.answersOfStep }
  }

  private func remove(_ keys: [ItemKey], unlessOf analysis: Analysis) throws(Fault) {
    let asset = try table.get(LibraryKeys.asset(analysis.asset)).map { (item) throws(Fault) in try Asset(item) }
    let kept = asset.map { LibraryKeys.answers(analysis, of: $0.group.client) } ?? []
    var rest = keys.filter { !kept.contains($0) }[...]
    while !rest.isEmpty {
      _ = try table.write(rest.prefix(Self.answersOfStep).map { .delete($0) })
      rest = rest.dropFirst(Self.answersOfStep)
    }
  }

  /// Goes once through all analyses of a library that was written before there were answers; whole libraries cost one look.
  ///
  /// One that was interrupted begins again, and writes only what is missing.
  package func completeAnswers() throws(Fault) {
    try followMoves()
    guard try table.get(LibraryKeys.answersWhole) == nil else { return }
    for client in try clients(scope: .all) {
      try table.forEach(Query(CompositeKey.joined("CLIENT", client.name)), of: LibrarySchema.client) {
        (entry) throws(Fault) in
        guard let id = ULID(CompositeKey.parts(of: entry.key.partition).last ?? "") else { return }
        for key in try analyses(of: id) {
          guard let item = try table.get(key) else { continue }
          try tell(try Analysis(item))
        }
      }
    }
    _ = try table.write([.put(LibraryKeys.answersWhole, Array("{}".utf8))])
  }

  /// Removes what is left of a client's answers.
  func deleteAnswers(of client: String) throws(Fault) {
    try followMoves()
    while true {
      let items = try table.items(Query(LibraryKeys.answersPartition(client), limit: ItemLimits.writeCount)).elements
      if items.isEmpty { return }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }
}
