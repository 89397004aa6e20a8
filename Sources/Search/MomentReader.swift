internal import Base
internal import Catalog
internal import Items
internal import JSON
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
    while goesOn(), Clock.now < deadline { if try advance() { return true } }
    return false
  }

  /// `true` at the end of the changes.
  private func advance() throws(Fault) -> Bool {
    let item = try table.get(part.position)
    guard let item else {
      try catchUp(over: nil)
      return false
    }
    let page: ChangePage
    do throws(Fault) { page = try table.changes(after: try Self.position(item), limit: 256) } catch {
      // Forgotten, or of a life that a restored backup ended.
      guard [.notFound, .badInput].contains(error.kind) else { throw error }
      try catchUp(over: item)
      return false
    }
    // Where nothing is for this reader there is nothing to write for each look.
    guard !page.changes.isEmpty else { return !page.hasMore }
    try take(page.changes)
    _ = try table.write([write(page.position, over: item)])
    return false
  }

  private func take(_ changes: [Change]) throws(Fault) {
    switch part {
    case .streams:
      let keys = changes.filter { Self.isEvent($0.key) }.map(\.key)
      try EventMoments(library: library, complain: complain).renew(Array(Set(keys)))
    case .analyses:
      for (asset, series) in try Self.sets(changes, library) {
        guard goesOn() else { throw Fault(.closed, "the moments of films are not up to date: it was ended") }
        try renew(asset, series)
      }
    }
  }

  /// Those of one film that a broken file has are missed, and told; others go on.
  private func renew(_ asset: ULID, _ series: String) throws(Fault) {
    try MomentSet(library: library, asset: asset, series: series, complain: complain).renew()
  }

  static func isEvent(_ key: ItemKey) -> Bool {
    key.sort.utf8.starts(with: LibraryKeys.events.utf8) && key.partition.utf8.starts(with: "CLIENT#".utf8)
  }

  /// What is to be made anew: the series whose scores were written, and all of an asset whose time moved.
  private static func sets(_ changes: [Change], _ library: Library) throws(Fault) -> [(ULID, String)] {
    var sets: [(ULID, String)] = []
    var known: Set<String> = []
    for change in changes where change.key.partition.utf8.starts(with: "ASSET#".utf8) {
      guard let id = ULID(String(change.key.partition.dropFirst(6))) else { continue }
      var series: [String] = []
      if change.key.sort.utf8.starts(with: LibraryKeys.scores.utf8) {
        series = Array(CompositeKey.parts(of: change.key.sort).dropFirst())
      } else if change.key.sort == "METADATA", try hasMoved(change) {
        series = try MomentSet.series(of: id, library)
      }
      for one in series where known.insert(CompositeKey.joined(id.text, one)).inserted { sets.append((id, one)) }
    }
    return sets
  }

  private static func hasMoved(_ change: Change) throws(Fault) -> Bool {
    guard let before = change.before, let after = change.after else { return change.after == nil }
    let (old, new) = (try Asset(before), try Asset(after))
    return old.captured != new.captured || old.recording?.from != new.recording?.from
      || !old.group.client.hasSameBytes(as: new.group.client)
  }

  // MARK: How far it has come

  private enum Key: String, CaseIterable { case change }

  static func position(_ item: Item) throws(Fault) -> ChangePosition {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the position of the moments")
    return ChangePosition(text: try document.root.fields(Key.self).required(.change).string())
  }

  private func write(_ position: ChangePosition, over item: Item?) -> Write {
    let body = JSONWriter.object(capacity: 64) { $0.field("change", position.text) }
    return .put(part.position, body, if: item.map { .version($0.version) } ?? .absent)
  }

  /// Looks through everything that there is, and goes on from where changes were before that.
  private func catchUp(over item: Item?) throws(Fault) {
    let last = try library.lastPosition()
    switch part {
    case .streams:
      for state in StreamEvent.State.allCases {
        try EventMoments(library: library, complain: complain).renewAll(CompositeKey.joined("EVENTS", state.rawValue))
      }
    case .analyses:
      try table.forEach(Query(CompositeKey.joined("CLIENTS"), limit: 100), of: LibrarySchema.clients) {
        (client) throws(Fault) in
        guard let name = CompositeKey.parts(of: client.key.partition).last else { return }
        try catchUp(of: name)
      }
    }
    _ = try table.write([write(last, over: item)])
  }

  private func catchUp(of client: String) throws(Fault) {
    let query = Query(CompositeKey.joined("CLIENT", client), limit: 100)
    try table.forEach(query, of: LibrarySchema.client) { (entry) throws(Fault) in
      guard goesOn() else { throw Fault(.closed, "the moments of films are not up to date: it was ended") }
      guard let id = ULID(String(entry.key.partition.dropFirst(6))) else { return }
      for series in try MomentSet.series(of: id, library) { try renew(id, series) }
    }
  }
}
