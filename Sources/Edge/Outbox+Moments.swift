internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// When recordings were made, by a clock that nobody sets.
///
/// A recording says when it was by the wall's clock alone. Where that was wrong, or the centre's was not known yet, both clocks are put down beside
/// it, so that it is found, and stands, at its right time also once the wall's clock was set.
extension Outbox {
  /// Recordings that are put down in one transaction at most.
  static let mostMoments = 8

  /// What a change asks to be put down, or forgotten.
  func note(_ change: Change, in moments: inout [ItemKey: Write]) throws(Fault) {
    guard change.key.sort == "METADATA", change.key.partition.utf8.starts(with: "ASSET#".utf8),
      (change.before == nil) != (change.after == nil), let item = change.after ?? change.before
    else { return }
    let (asset, moment) = (try Asset(item), clock.moment)
    guard let recording = asset.recording, PlainName.isValid(recording.stream) else { return }
    let key = LibraryKeys.outboxMoment(asset.id.text)
    if change.after != nil {
      let looksOld = try before(asset, table.get(LibraryKeys.outboxMoment("")).map(NodeMoment.init)) != nil
      if looksOld || !clock.isRight(at: moment) { moments[key] = .put(key, moment.json) }
    } else if moments[key] != nil {
      moments[key] = nil
    } else if try table.get(key) != nil {
      moments[key] = .delete(key)
    }
  }

  /// Those of a stream that were made in a range of the centre's milliseconds, each with the node's clocks then: segments, or clips where there
  /// are none.
  func recorded(_ order: FetchOrder) throws(Fault) -> [(asset: Asset, moment: NodeMoment)] {
    var moments: [String: NodeMoment] = [:]
    try table.forEach(Query(LibraryKeys.outboxMoments, limit: ItemLimits.pageCount)) { (item) throws(Fault) in
      moments[item.key.sort] = try NodeMoment(item)
    }
    let first = moments.removeValue(forKey: LibraryKeys.outboxMoment("").sort)
    var found: [(asset: Asset, moment: NodeMoment)] = []
    for asset in try candidates(order, moments, first) {
      guard let recording = asset.recording, recording.stream.hasSameBytes(as: order.stream) else { continue }
      let moment = moments[asset.id.text] ?? before(asset, first) ?? clock.right(at: asset.added)
      let skew = clock.skew(at: moment) ?? 0
      guard recording.from + skew < order.to, recording.to + skew > order.from else { continue }
      found.append((asset, moment))
    }
    let segments = found.filter { $0.asset.recording?.kind == .continuous }
    return (segments.isEmpty ? found.filter { $0.asset.recording?.kind == .clip } : segments)
      .sorted { ($0.asset.recording?.from ?? 0) < ($1.asset.recording?.from ?? 0) }
  }

  /// The clocks as the node began to forward, for what was there before.
  private func before(_ asset: Asset, _ first: NodeMoment?) -> NodeMoment? {
    first.flatMap { asset.added <= $0.wall ? $0 : nil }
  }

  /// What may be in the range: by every skew there is.
  private func candidates(
    _ order: FetchOrder, _ moments: [String: NodeMoment], _ first: NodeMoment?
  ) throws(Fault) -> [Asset] {
    var found: [Asset] = []
    for id in moments.keys {
      guard let ulid = ULID(id), let item = try table.get(LibraryKeys.asset(ulid)) else { continue }
      let asset = try Asset(item)
      if asset.removed == nil { found.append(asset) }
    }
    let known = Set(found.map(\.id))
    for skew in Set([0, first.flatMap { clock.skew(at: $0) } ?? 0]) {
      let range = max(0, order.from - skew)...max(1, order.to - skew)
      for client in try library.clients(scope: .all) {
        for kind in [Recording.Kind.continuous, .clip] {
          found += try recordings(of: order.stream, kind, client.name, range).filter { !known.contains($0.id) }
        }
      }
    }
    var ids: Set<ULID> = []
    return found.filter { ids.insert($0.id).inserted }
  }
}

extension NodeMoment {
  private enum Key: String, CaseIterable { case at, ticks, boot }

  var json: [UInt8] {
    JSONWriter.object(capacity: 96) { json in
      json.field("at", wall)
      json.field("ticks", monotonic)
      json.field("boot", boot)
    }
  }

  /// Reads what ``json`` wrote.
  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      wall: try fields.required(.at).integer(in: LedgerEntry.moments),
      monotonic: try fields.required(.ticks).integer(in: LedgerEntry.moments),
      boot: try fields.required(.boot).string())
  }
}
