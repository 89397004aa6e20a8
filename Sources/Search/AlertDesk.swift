public import Base
public import Catalog
internal import Items
public import Library
internal import SearchLanguage
internal import Store

/// Alerts, as use cases: searches that are asked of all that comes in.
public struct AlertDesk: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  private var table: any Table { library.table }

  /// Those of all clients; what cannot be read is told, and holds up no other.
  func known(_ complain: (Fault) -> Void = { _ in }) throws(Fault) -> [SearchAlert] {
    var found: [SearchAlert] = []
    try table.forEach(Query(LibraryKeys.alerts, limit: ItemLimits.pageCount)) { (item) throws(Fault) in
      do throws(Fault) { found.append(try SearchAlert(item)) } catch {
        guard error.kind == .badInput else { throw error }
        complain(error)
      }
    }
    return found
  }

  private func known(_ query: Query) throws(Fault) -> [SearchAlert] {
    var found: [SearchAlert] = []
    try table.forEach(query) { (item) throws(Fault) in found.append(try SearchAlert(item)) }
    return found
  }

  /// A client's alerts, by name.
  public func alerts(of client: String, scope: ClientScope) throws(Fault) -> [SearchAlert] {
    guard scope.covers(client) else { return [] }
    return try known(Query(LibraryKeys.alerts, .prefix(LibraryKeys.alerts(of: client))))
  }

  /// An alert that was added, or was there already.
  public struct Added: Sendable {
    public let alert: SearchAlert
    public let isNew: Bool
    /// What it asks that no moment can be, and what may have been meant.
    public internal(set) var notes: [String] = []

    /// The members of its JSON.
    public func write(into json: inout JSONWriter) {
      alert.write(into: &json)
      if !notes.isEmpty { json.field("notes", notes) }
    }
  }

  /// Adds an alert; one of the same name and search is the same.
  ///
  /// Faults are `badInput` where the search cannot be read or no index serves it, and `conflict` where the name is another's.
  public func add(
    _ name: String, query: String, zone: String?, client: String, scope: ClientScope
  ) throws(Fault) -> Added {
    guard scope.covers(client) else { throw Fault(.denied, "an alert is added for one's own client alone") }
    try AssetGroup.check(client: client)
    guard PlainName.isValid(name) else {
      throw Fault(
        .badInput, "an alert's name has 1 to 64 letters, digits, '-', '_' and '.', and does not begin with '.'")
    }
    let parsed = try SearchQuery(query, zone: zone, at: library.now)
    _ = try MomentDesk(library).explain(parsed, client: client, scope: scope)
    var random = SystemRandomNumberGenerator()
    let wanted = SearchAlert(
      id: ULID(milliseconds: library.now, using: &random), client: client, name: name, query: query, zone: zone,
      created: library.now)
    var added = try library.change("the alert '\(name)'") { () throws(Fault) -> (writes: [Write], result: Added) in
      let version = try library.openClient(client)
      if let item = try table.get(wanted.itemKey) {
        return ([], Added(alert: try Self.same(SearchAlert(item), as: wanted), isNew: false))
      }
      let writes: [Write] = [
        .check(LibraryKeys.client(client), if: .version(version)), .put(wanted.itemKey, wanted.json, if: .absent),
      ]
      return (writes + (try room(for: wanted)), Added(alert: wanted, isNew: true))
    }
    added.notes = try MomentDesk(library).notes(parsed, client)
    if parsed.steps.contains(where: { $0.condition.conjuncts.contains(.open(true)) }) {
      added.notes.append("'state:open' finds nothing for an alert: a moment counts once it is over")
    }
    return added
  }

  private static func same(_ known: SearchAlert, as wanted: SearchAlert) throws(Fault) -> SearchAlert {
    guard known.query == wanted.query, known.zone == wanted.zone else {
      throw Fault(
        .conflict, "there is an alert '\(known.name)' with another search: remove it first, or take another name")
    }
    return known
  }

  /// The first alert of a library is told nothing of what was before it.
  private func room(for alert: SearchAlert) throws(Fault) -> [Write] {
    let all = try known()
    let own = all.filter { $0.client.hasSameBytes(as: alert.client) }
    guard own.count < SearchAlert.mostOfClient else {
      throw Fault(.exhausted, "'\(alert.client)' has \(own.count) alerts, which is the most: remove one first")
    }
    guard all.isEmpty else { return [] }
    let last = try library.lastPosition()
    return MomentReader.Part.allCases.map { .put($0.alertPosition, ReaderPosition.json(last)) }
  }

  /// Takes an alert away; what it told stays.
  public func remove(_ name: String, client: String, scope: ClientScope) throws(Fault) {
    let none = Fault(.notFound, "there is no alert '\(name.prefix(64))'")
    guard scope.covers(client), PlainName.isValid(name),
      let item = try table.get(LibraryKeys.alert(client, name))
    else { throw none }
    let alert = try SearchAlert(item)
    _ = try table.write([.delete(item.key)])
    try AlertMarks(table: table, client: client).forget(alert.id)
  }
}

extension SearchQuery {
  /// A search as it was written down, as it is meant now.
  init(_ text: String, zone: String?, at now: Int) throws(Fault) {
    let rules = try zone.map { (zone) throws(Fault) in try TimeRules.named(zone) } ?? .utc
    try self.init(parsing: text, at: now, in: rules)
  }
}
