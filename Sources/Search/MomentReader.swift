internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Follows the library's changes and keeps moments in step with them.
///
/// What is written is made of what stands in the table, on the condition that it still does, and under keys that follow from it: so a change that is read
/// twice, by two processes or after a kill, makes the same. How far it has come is written behind that.
struct MomentReader: Sendable {
  /// Which changes count: those of streams' events come at once, whatever films wait for.
  enum Part: Sendable, CaseIterable {
    case streams, analyses

    var position: ItemKey {
      switch self {
      case .streams: LibraryKeys.momentsOfStreams
      case .analyses: LibraryKeys.momentsOfAnalyses
      }
    }
  }

  let library: Library
  let part: Part
  /// Hears of what cannot be read, and is passed over.
  var complain: @Sendable (Fault) -> Void = { _ in }
  /// Whether it is to go on with what takes long.
  var goesOn: @Sendable () -> Bool = { true }

  private var table: any Table { library.table }

  /// Reads what is outstanding, until the end of the changes was met or a moment (monotonic nanoseconds) is reached.
  ///
  /// - Returns: `false` where the moment came first.
  func follow(before deadline: UInt64) throws(Fault) -> Bool {
    while goesOn(), Clock.now < deadline { if try advance(before: deadline) { return true } }
    return false
  }

  /// `true` at the end of the changes.
  private func advance(before deadline: UInt64) throws(Fault) -> Bool {
    let item = try table.get(part.position)
    guard let item else {
      try catchUp(over: nil)
      return false
    }
    let page: ChangePage
    do throws(Fault) { page = try table.changes(after: try ReaderPosition.read(item), limit: 256) } catch {
      // Forgotten, or of a life that a restored backup ended.
      guard [.notFound, .badInput].contains(error.kind) else { throw error }
      try catchUp(over: item)
      return false
    }
    // Where nothing is for this reader there is nothing to write for each look.
    guard !page.changes.isEmpty else { return !page.hasMore }
    switch part {
    case .streams:
      let keys = page.changes.filter { Self.isEvent($0.key) }.map(\.key)
      try EventMoments(library: library, complain: complain).renew(Array(Set(keys)))
      _ = try table.write([write(page.position, over: item)])
    case .analyses: try renew(page, over: item, before: deadline)
    }
    return false
  }

  /// Film by film, with the position behind each: what was derived is not derived again.
  private func renew(_ page: ChangePage, over item: Item, before deadline: UInt64) throws(Fault) {
    var (item, done) = (item, Set<ItemKey>())
    for change in page.changes {
      let sets = sets(change).filter { done.insert(LibraryKeys.momentHead($0.0, series: $0.1)).inserted }
      guard !sets.isEmpty else { continue }
      for (asset, series) in sets { try renew(asset, series) }
      // Where another reader was faster, the next look goes on from where that one is.
      guard case .committed = try table.write([write(change.position, over: item)]),
        let now = try table.get(part.position)
      else { return }
      item = now
      guard goesOn(), Clock.now < deadline else { return }
    }
    _ = try table.write([write(page.position, over: item)])
  }

  private func renew(_ asset: ULID, _ series: String, skipsNamed: Bool = false) throws(Fault) {
    try MomentSet(library: library, asset: asset, series: series, complain: complain).renew(skipsNamed: skipsNamed)
  }

  static func isEvent(_ key: ItemKey) -> Bool {
    key.sort.utf8.starts(with: LibraryKeys.events.utf8) && key.partition.utf8.starts(with: "CLIENT#".utf8)
  }

  /// What is to be made anew: the series whose scores were written, and all of an asset whose time moved; what cannot be read is told.
  private func sets(_ change: Change) -> [(ULID, String)] {
    guard change.key.partition.utf8.starts(with: "ASSET#".utf8),
      let id = ULID(String(change.key.partition.dropFirst(6)))
    else { return [] }
    do throws(Fault) {
      if change.key.sort.utf8.starts(with: LibraryKeys.scores.utf8) {
        return CompositeKey.parts(of: change.key.sort).dropFirst().map { (id, $0) }
      }
      guard change.key.sort == "METADATA", try Self.hasMoved(change) else { return [] }
      return try MomentSet.series(of: id, library).map { (id, $0) }
    } catch {
      complain(error.at("a change of the asset '\(id)', whose moments may not be found"))
      return []
    }
  }

  private static func hasMoved(_ change: Change) throws(Fault) -> Bool {
    guard let before = change.before, let after = change.after else { return change.after == nil }
    let (old, new) = (try Asset(before), try Asset(after))
    return old.captured != new.captured || old.recording?.from != new.recording?.from
      || !old.group.client.hasSameBytes(as: new.group.client)
  }

  // MARK: How far it has come

  private func write(_ position: ChangePosition, over item: Item?) -> Write {
    .put(part.position, ReaderPosition.json(position), if: item.map { .version($0.version) } ?? .absent)
  }

  /// Looks through everything that there is, and goes on from where changes were before that.
  private func catchUp(over item: Item?) throws(Fault) {
    let last = try library.lastPosition()
    let events = EventMoments(library: library, complain: complain)
    if part == .streams {
      for state in StreamEvent.State.allCases {
        try events.renewAll(CompositeKey.joined("EVENTS", state.rawValue))
      }
    }
    try table.forEach(Query(CompositeKey.joined("CLIENTS"), limit: 100), of: LibrarySchema.clients) {
      (client) throws(Fault) in
      guard let name = CompositeKey.parts(of: client.key.partition).last else { return }
      switch part {
      case .streams: try events.removeOrphans(of: name)
      case .analyses: try catchUp(of: name)
      }
    }
    _ = try table.write([write(last, over: item)])
  }

  private func catchUp(of client: String) throws(Fault) {
    let assets = Query(CompositeKey.joined("CLIENT", client), limit: 100)
    try table.forEach(assets, of: LibrarySchema.client) { (entry) throws(Fault) in try catchUp(entry.key.partition) }
    // Of assets that are gone.
    let heads = Query(CompositeKey.joined("CLIENT", client, "MOMENT-HEADS"), limit: 100)
    try table.forEach(heads, of: LibrarySchema.momentHeads) { (entry) throws(Fault) in
      // Which head it is its key says, whether it can be read or not.
      let (place, name) = (CompositeKey.parts(of: entry.key.partition), CompositeKey.parts(of: entry.key.sort))
      guard let asset = place.last.flatMap({ ULID($0) }), name.count == 2 else { return }
      if try table.get(LibraryKeys.scores(asset, series: name[1])) == nil { try renew(asset, name[1]) }
    }
  }

  private func catchUp(_ partition: String) throws(Fault) {
    guard goesOn() else { throw Fault(.closed, "the moments of films are not up to date: it was ended") }
    guard let id = ULID(String(partition.dropFirst(6))) else { return }
    for series in try MomentSet.series(of: id, library) { try renew(id, series, skipsNamed: true) }
  }
}
