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
  private static let chunk = 30

  /// Brings the moments of events up to what stands there by now.
  func renew(_ keys: [ItemKey]) throws(Fault) {
    for start in stride(from: 0, to: keys.count, by: Self.chunk) {
      let some = Array(keys[start..<min(keys.count, start + Self.chunk)])
      // What others change meanwhile is read once more, and then by the change that they made.
      for _ in 0..<20 { if try write(some) { break } }
    }
  }

  /// Takes away moments of a client whose events are gone.
  func removeOrphans(of client: String) throws(Fault) {
    let query = Query(CompositeKey.joined("CLIENT", client, "MOMENTS"), limit: 500)
    var token: PageToken?
    repeat {
      let page = try table.entries(of: LibrarySchema.moments, query, after: token)
      let events = page.elements.compactMap { Self.event(of: $0.key) }
      let there = Set(try table.present(events).map(\.key))
      try renew(events.filter { !there.contains($0) })
      token = page.next
    } while token != nil
  }

  /// The event that a moment is of, by the moment's key alone; `nil` for moments of films.
  private static func event(of key: ItemKey) -> ItemKey? {
    let (place, moment) = (CompositeKey.parts(of: key.partition), CompositeKey.parts(of: key.sort))
    guard place.count == 4, place[1] == "STREAM", moment.count == 2, let id = ULID(moment[1]),
      let from = CompositeKey.milliseconds(of: moment[0])
    else { return nil }
    return LibraryKeys.event(place[2], place[3], from: from, id)
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
    var (words, writes, gone) = (MomentWords(), [Write](), [Place]())
    var clients: [ItemKey: ItemVersion?] = [:]
    for (key, item) in zip(keys, try table.get(keys)) {
      do throws(Fault) {
        if let item {
          let event = try StreamEvent(item)
          guard event.kind == .event, !event.stream.isEmpty else { continue }
          // One that is being purged gets nothing any more.
          let owner = LibraryKeys.client(event.client)
          if clients[owner] == nil { clients[owner] = try library.openVersion(of: event.client) }
          guard clients[owner] ?? nil != nil else { continue }
          let moment = Moment(event)
          words.add(moment)
          writes += [.check(key, if: .version(item.version)), .put(moment.itemKey, moment.json)]
        } else if let place = Place(of: key) {
          writes += [.check(key, if: .absent), .delete(place.key)]
          gone.append(place)
        }
      } catch {
        guard [.badInput, .notFound].contains(error.kind) else { throw error }
        complain(error.at("an event that is not found"))
      }
    }
    let isStill = clients.compactMap { client, version in
      version.map { Write.check(client, if: .version($0)) }
    }
    guard try words.note(in: table, if: isStill) else { return false }
    guard !writes.isEmpty else { return true }
    guard case .committed = try table.write(writes) else { return false }
    try forget(gone)
    return true
  }

  /// What alerts were told of them.
  private func forget(_ gone: [Place]) throws(Fault) {
    var isEmpty: [String: Bool] = [:]
    for place in gone {
      let marks = AlertMarks(table: table, client: place.client)
      if isEmpty[place.client] == nil { isEmpty[place.client] = try marks.isEmpty() }
      if isEmpty[place.client] == false { try marks.forget(.stream(place.stream), from: place.from, place.id) }
    }
  }

  /// Where the moment of an event stands, by the event's key alone.
  private struct Place {
    let client: String
    let stream: String
    let from: Int
    let id: String

    init?(of key: ItemKey) {
      let (place, event) = (CompositeKey.parts(of: key.partition), CompositeKey.parts(of: key.sort))
      guard place.count == 4, event.count == 3, let from = CompositeKey.milliseconds(of: event[1]) else { return nil }
      (client, stream, self.from, id) = (place[1], place[3], from, event[2])
    }

    var key: ItemKey { LibraryKeys.moment(client, stream: stream, from: from, id) }
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
