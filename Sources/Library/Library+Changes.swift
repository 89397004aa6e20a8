public import Base
public import Catalog
public import Items
internal import Store

/// A change of one asset as its client sees it.
public struct AssetEvent: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// New, or moved here from another client.
    case added
    /// Something else is said of it, or it has another analysis.
    case changed
    /// Deleted, or moved to another client.
    case removed
  }

  public let kind: Kind
  /// As it is since; for a removed one as it was last here.
  public let asset: Asset
  /// Seconds since 1970.
  public let time: Int
  /// Behind this change.
  public let position: ChangePosition

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("position", position.text)
    json.field("time", UTC.text(time))
    json.field("change", kind.rawValue)
    json.object("asset") { asset.write(into: &$0) }
  }
}

public struct AssetEventPage: Sendable {
  public let events: [AssetEvent]
  /// Where to go on.
  public let position: ChangePosition
  /// More is there already.
  public let hasMore: Bool
}

extension Library {
  /// Where a reader begins that wants only what comes from now on.
  public func lastPosition() throws(Fault) -> ChangePosition { try table.lastPosition() }

  /// Days that changes are kept for those who follow them.
  public static let keptDays = 7

  /// Forgets changes that are older than ``keptDays`` and that the totals hold, unless a reader of moments has yet to come to them.
  ///
  /// What a table keeps for itself, and tells no reader of, it forgets in any case.
  func trimChanges() throws(Fault) {
    let end = now / 1000 - Self.keptDays * 24 * 3600
    let isLagging = try momentsLag(behind: end)
    try table.trimChanges(through: try totals.position().change, olderThan: isLagging ? 0 : end)
  }

  /// Whether a reader of moments has not come to a change from before a moment in seconds since 1970.
  private func momentsLag(behind moment: Int) throws(Fault) -> Bool {
    for item in try table.present([LibraryKeys.momentsOfAnalyses, LibraryKeys.momentsOfStreams]) {
      let position = try ReaderPosition.read(item)
      do throws(Fault) {
        if let next = try table.changes(after: position, limit: 1).changes.first, next.time < moment { return true }
      } catch {
        // Of another life of the table: that reader looks through everything.
        guard [.notFound, .badInput].contains(error.kind) else { throw error }
      }
    }
    return false
  }

  /// What happened to a client's assets behind a position; of others' nothing shows, not even that there was something.
  ///
  /// At most 1000 changes of all clients are looked through at a time: a page may hold nothing and still have more behind it.
  public func events(
    of client: String, scope: ClientScope, after position: ChangePosition
  ) throws(Fault) -> AssetEventPage {
    guard scope.covers(client) else { return AssetEventPage(events: [], position: position, hasMore: false) }
    let page = try table.changes(after: position, limit: 1000)
    var events: [AssetEvent] = []
    for change in page.changes where change.key.sort == "METADATA" {
      guard change.key.partition.utf8.starts(with: "ASSET#".utf8) else { continue }
      let before = try change.before.map(Asset.init).flatMap { $0.group.client.hasSameBytes(as: client) ? $0 : nil }
      let after = try change.after.map(Asset.init).flatMap { $0.group.client.hasSameBytes(as: client) ? $0 : nil }
      let kind: AssetEvent.Kind = before == nil ? .added : after == nil ? .removed : .changed
      guard let asset = after ?? before else { continue }
      events.append(AssetEvent(kind: kind, asset: asset, time: change.time, position: change.position))
    }
    return AssetEventPage(events: events, position: page.position, hasMore: page.hasMore)
  }
}
