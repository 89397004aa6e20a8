internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Writes down what an alert found, as events of the kind `alert`: one for each first moment, whoever finds it and however often.
///
/// A mark that says so is written in the same transaction, and only where there is none.
struct AlertNotices {
  let library: Library
  let alert: SearchAlert

  private var table: any Table { library.table }

  /// Notices of one transaction: each has up to four writes.
  private static let chunk = 20

  func note(_ firsts: [Moment]) throws(Fault) {
    for start in stride(from: 0, to: firsts.count, by: Self.chunk) {
      let some = Array(firsts[start..<min(firsts.count, start + Self.chunk)])
      try library.change("what the alert '\(alert.name)' found") { () throws(Fault) in (try writes(some), ()) }
    }
  }

  /// None where the alert is gone, or its client.
  private func writes(_ firsts: [Moment]) throws(Fault) -> [Write] {
    let places = [LibraryKeys.client(alert.client), alert.itemKey]
    let known = try table.get(places)
    guard let client = known[0], try Client(client).state == .open, let item = known[1],
      try SearchAlert(item).id == alert.id
    else { return [] }
    var told: Set<ItemKey> = []
    var writes: [Write] = []
    for moment in firsts {
      let (mark, source) = (AlertMarks.key(moment, by: alert), Self.source(of: moment))
      guard told.insert(mark).inserted else { continue }
      let found = try table.get([mark, source])
      // Told already, or gone.
      guard found[0] == nil, found[1] != nil else { continue }
      let event = event(of: moment)
      writes += [.put(mark, Array("{}".utf8), if: .absent), .put(event.itemKey, event.json, if: .absent)]
      if told.insert(source).inserted { writes.append(.check(source, if: .present)) }
      if let reference = event.reference { writes.append(.put(reference, Array("{}".utf8))) }
    }
    guard !writes.isEmpty else { return [] }
    return [.check(places[0], if: .version(client.version)), .check(places[1], if: .version(item.version))] + writes
  }

  /// What a moment is derived of.
  private static func source(of moment: Moment) -> ItemKey {
    switch moment.source {
    case .asset(let id): return LibraryKeys.asset(id)
    case .stream(let name):
      guard let id = ULID(moment.id) else { return moment.itemKey }
      return LibraryKeys.event(moment.client, name, from: moment.from, id)
    }
  }

  /// Of a stream when it was, of a film when it was found.
  private func event(of moment: Moment) -> StreamEvent {
    var random = SystemRandomNumberGenerator()
    let now = library.now
    var (stream, from) = (StreamEvent.serverStream, now)
    if case .stream(let name) = moment.source { (stream, from) = (name, moment.from) }
    var event = StreamEvent(
      id: ULID(milliseconds: from, using: &random), client: alert.client, stream: stream, rule: alert.name,
      from: from, pipeline: moment.series)
    (event.kind, event.state, event.updated) = (.alert, .over, now)
    (event.label, event.zone, event.score, event.box) = (moment.label, moment.zone, moment.score, moment.box)
    (event.count, event.tracks, event.snapshot) = (1, moment.track.map { [$0] } ?? [], moment.snapshot)
    (event.about, event.offset) = (moment.id, moment.offset)
    switch moment.source {
    case .stream: (event.to, event.best) = (moment.to, moment.best)
    case .asset(let id): event.asset = id
    }
    return event
  }
}
