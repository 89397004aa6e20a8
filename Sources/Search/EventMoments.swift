internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Moments of what rules saw in live streams: one for each event, from its beginning on.
struct EventMoments {
  let library: Library
  let complain: @Sendable (Fault) -> Void

  private var table: any Table { library.table }

  /// Events of one transaction: each is looked at, and its moment written.
  private static let chunk = 40

  /// Brings the moments of events up to what stands there by now.
  func renew(_ keys: [ItemKey]) throws(Fault) {
    for start in stride(from: 0, to: keys.count, by: Self.chunk) {
      let some = Array(keys[start..<min(keys.count, start + Self.chunk)])
      // What others change meanwhile is read once more.
      while try !write(some) {}
    }
  }

  /// Those of a partition of the index of events by their states.
  func renewAll(_ partition: String) throws(Fault) {
    var token: PageToken?
    repeat {
      let page = try table.entries(of: LibrarySchema.eventState, Query(partition, limit: 500), after: token)
      try renew(page.elements.map(\.key))
      token = page.next
    } while token != nil
  }

  private func write(_ keys: [ItemKey]) throws(Fault) -> Bool {
    guard !keys.isEmpty else { return true }
    var (words, writes) = (MomentWords(), [Write]())
    for (key, item) in zip(keys, try table.get(keys)) {
      do throws(Fault) {
        if let item {
          let event = try StreamEvent(item)
          guard event.kind == .event, !event.stream.isEmpty else { continue }
          let moment = Moment(event)
          words.add(moment)
          writes += [.check(key, if: .version(item.version)), .put(moment.itemKey, moment.json)]
        } else if let gone = Self.moment(of: key) {
          writes += [.check(key, if: .absent), .delete(gone)]
        }
      } catch {
        complain(error.at("an event that is not found"))
      }
    }
    try words.note(in: table)
    guard !writes.isEmpty else { return true }
    guard case .committed = try table.write(writes) else { return false }
    return true
  }

  /// Where the moment of an event stands, by the event's key alone.
  private static func moment(of key: ItemKey) -> ItemKey? {
    let (place, event) = (CompositeKey.parts(of: key.partition), CompositeKey.parts(of: key.sort))
    guard place.count == 4, event.count == 3, let from = CompositeKey.milliseconds(of: event[1]) else { return nil }
    return LibraryKeys.moment(place[1], stream: place[3], from: from, event[2])
  }
}

extension Moment {
  init(_ event: StreamEvent) {
    self.init(
      id: event.id.text, client: event.client, source: .stream(event.stream), kind: .event, from: event.from,
      to: event.to, series: event.pipeline)
    (label, score, zone, rule) = (event.label?.asName, event.score, event.zone?.asName, event.rule.asName)
    // Of several, no track is that of the moment.
    track = event.tracks.count == 1 ? event.tracks[0] : nil
    (best, box, snapshot, isOpen) = (event.best, event.box, event.snapshot, event.state == .open)
  }
}
