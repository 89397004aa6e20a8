package import Base
internal import Catalog
internal import Items
internal import Store

/// Which analyses of a client a network answered in: kept beside the analyses, and made for those of older libraries.
extension Library {
  /// Items of one transaction.
  private static let answersOfStep = 40

  /// Nanoseconds for which a step waits for that of another thread, which is over by then in a library that has nothing to go through.
  private static let patience: UInt64 = 50_000_000

  /// Has the answers follow an asset that came from another client, or that has more of them than one transaction takes; nothing where neither is so.
  ///
  /// What cannot be read is noted, and keeps nothing else back.
  func followMove(of id: ULID) throws(Fault) {
    guard let mark = try table.get(LibraryKeys.moved(id)) else { return }
    let former = try FormerClient(mark).client
    if try isReadable(id) {
      for key in try analyses(of: id) {
        guard let item = try table.get(key) else { continue }
        guard let analysis = try? Analysis(item) else {
          try note(key)
          continue
        }
        try tell(analysis)
        let gone = former.map { LibraryKeys.answers(analysis, of: $0) } ?? []
        try remove(gone, unlessOf: analysis)
      }
    } else {
      try note(LibraryKeys.asset(id))
    }
    _ = try table.write([.delete(mark.key, if: .version(mark.version))])
  }

  /// The same for all assets that a program did not come to the end with; `false` where `wants` ended it.
  @discardableResult
  private func followMoves(while wants: () -> Bool = { true }) throws(Fault) -> Bool {
    var isWhole = true
    try table.forEach(Query(LibraryKeys.moved)) { (item) throws(Fault) in
      guard isWhole else { return }
      if let id = ULID(item.key.sort) { try followMove(of: id) }
      isWhole = wants()
    }
    return isWhole
  }

  /// `false` for an asset that is there and cannot be read.
  private func isReadable(_ id: ULID) throws(Fault) -> Bool {
    guard let item = try table.get(LibraryKeys.asset(id)) else { return true }
    return (try? Asset(item)) != nil
  }

  private func note(_ key: ItemKey) throws(Fault) {
    try change("what could not be read") { () throws(Fault) in
      var position = try answersPosition()
      position.note(key)
      return ([position.write], ())
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
        guard !some.isEmpty else { return ([], false) }
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

  package func answersPosition() throws(Fault) -> AnswersPosition {
    try AnswersPosition(try table.get(LibraryKeys.answersPosition))
  }

  /// Goes once through all analyses of a library that was written before there were answers, a step at a time; whole libraries cost two looks.
  ///
  /// It ends behind the first analysis after `deadline` (monotonic nanoseconds), or when `goesOn` says no, and goes on from there the next
  /// time, in whichever process. Where another thread of the process is at it, nothing is done here. What cannot be read is noted and passed over.
  /// - Returns: Where it stands; lists of what versions answered about are right where it is whole.
  package func completeAnswers(
    before deadline: UInt64, goesOn: () -> Bool = { true }
  ) throws(Fault) -> AnswersPosition {
    var position = try answersPosition()
    let isMoved = try !table.items(Query(LibraryKeys.moved, limit: 1)).elements.isEmpty
    if position.isWhole, !isMoved { return position }
    position.isWhole = false
    let turn = answersTurn.wait(before: min(deadline, Clock.now + Self.patience)) { isTaken -> Bool? in
      defer { isTaken = true }
      return isTaken ? nil : true
    }
    guard turn != nil else { return position }
    defer { answersTurn.update { $0 = false } }
    let wants = { goesOn() && Clock.now < deadline }
    guard try followMoves(while: wants) else { return position }
    position = try answersPosition()
    if position.isWhole { return position }
    if try walk(&position, while: wants) { position.end() }
    // Where another process was faster, the next step goes on from there.
    guard case .committed = try table.write([position.write]) else {
      position.isWhole = false
      return position
    }
    return position
  }

  /// `false` where `wants` ended it.
  private func walk(_ position: inout AnswersPosition, while wants: () -> Bool) throws(Fault) -> Bool {
    var names: [String] = []
    try table.forEach(Query("CLIENTS"), of: LibrarySchema.clients) {
      names += CompositeKey.parts(of: $0.key.partition).suffix(1)
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in names where !name.utf8.lexicographicallyPrecedes(position.client.utf8) {
      if !name.hasSameBytes(as: position.client) { position.begin(name) }
      while true {
        let entries = try nextAsset(of: position)
        for entry in entries.elements {
          guard let id = ULID(CompositeKey.parts(of: entry.key.partition).last ?? "") else { continue }
          guard try tellAnalyses(of: id, &position, while: wants) else { return false }
          position.assets += 1
        }
        guard let next = entries.next else { break }
        position.after = next
        guard wants() else { return false }
      }
    }
    return true
  }

  private func nextAsset(of position: AnswersPosition) throws(Fault) -> Page<IndexEntry> {
    let query = Query(CompositeKey.joined("CLIENT", position.client), limit: 1)
    do throws(Fault) { return try table.entries(of: LibrarySchema.client, query, after: position.after) } catch {
      // Another version of Ridley may not read the place: the client is begun anew.
      guard position.after != nil, error.kind == .badInput else { throw error }
      return try table.entries(of: LibrarySchema.client, query)
    }
  }

  /// `false` where `wants` ended it, behind one analysis at the earliest.
  private func tellAnalyses(
    of id: ULID, _ position: inout AnswersPosition, while wants: () -> Bool
  ) throws(Fault) -> Bool {
    guard try isReadable(id) else {
      position.note(LibraryKeys.asset(id))
      return true
    }
    let last = position.last.flatMap { $0.partition == LibraryKeys.assetPartition(id) ? $0.sort : nil } ?? ""
    for key in try analyses(of: id) where last.utf8.lexicographicallyPrecedes(key.sort.utf8) {
      position.last = key
      guard let item = try table.get(key) else { continue }
      if let analysis = try? Analysis(item) { try tell(analysis) } else { position.note(key) }
      guard wants() else { return false }
    }
    return true
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
