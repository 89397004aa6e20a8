internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects
internal import Store

/// One transaction of what comes of a line: the records that entries become, and the line's position behind them.
struct LedgerImport {
  enum Outcome {
    case written
    /// Somebody else wrote meanwhile: read again.
    case conflict
    /// Nothing could be taken: the next entry waits for an object's bytes, or cannot be kept for now.
    case stopped(lacks: String?, refusal: String?)
  }

  /// Ends the taking of entries before one of them.
  private enum Stop: Error { case lacks(String), refusal(String), full }

  let desk: LedgerDesk
  let sender: LedgerDesk.Sender
  let line: LedgerLine
  let life: String
  private var position: LinePosition
  private let version: ItemVersion?
  /// By their ids: as they become, and the versions that they are made of.
  private var events: [ULID: EventImport] = [:]
  var writes: [Write] = []
  /// For which nothing waits any more once this is written.
  var sentObjects: [ObjectName] = []
  /// Held until they are referred to.
  var leases: [any ObjectLease] = []
  /// Of which an analysis came.
  var analysed: ULID?

  /// Entries of one transaction, each of which has three writes at most.
  static let most = 25
  /// Who asks for a picture has all of it in memory.
  private static let mostPictureBytes = 32 << 20

  init(
    _ desk: LedgerDesk, _ sender: LedgerDesk.Sender, _ line: LedgerLine, _ life: String, _ position: LinePosition,
    over version: ItemVersion?
  ) {
    (self.desk, self.sender, self.line, self.life) = (desk, sender, line, life)
    (self.position, self.version) = (position, version)
  }

  var library: Library { desk.library }
  /// As the stream is called here.
  private var stream: String { "\(sender.node)/\(line.stream)" }

  /// Takes as many as fit into a transaction, the next of the line first.
  mutating func take(_ entries: ArraySlice<LedgerBatch.Sent>) throws(Fault) -> Outcome {
    guard let client = try library.openVersion(of: sender.client) else {
      throw Fault(.closed, "the client '\(sender.client)' was removed: nothing of the node '\(sender.node)' is kept")
    }
    let node = try desk.version(of: sender.node)
    var (count, stop) = (0, Stop?.none)
    for sent in entries.prefix(Self.most) {
      do throws(Stop) {
        try take(sent, client)
      } catch {
        stop = error
        break
      }
      position.pass(sent.entry, at: library.now)
      count += 1
      if sent.entry.kind.isAlone { break }
    }
    if count == 0, let stop {
      switch stop {
      case .lacks(let digest): return .stopped(lacks: digest, refusal: nil)
      case .refusal(let reason): return .stopped(lacks: nil, refusal: reason)
      case .full: return .conflict
      }
    }
    return try commit(client, node) ? .written : .conflict
  }

  private mutating func commit(_ client: ItemVersion, _ node: ItemVersion?) throws(Fault) -> Bool {
    let key = LibraryKeys.ledgerLine(sender.node, life: life, line.text)
    let all =
      writes + events.values.flatMap(\.writes)
      + [
        .check(LibraryKeys.client(sender.client), if: .version(client)),
        .check(LibraryKeys.fleetNode(sender.node), if: node.orAbsent),
        .put(key, position.json, if: version.orAbsent),
      ]
    guard leases.allSatisfy(\.isHeld) else { return false }
    guard case .committed = try desk.table.write(Self.once(all)) else { return false }
    withExtendedLifetime(leases) {}
    for name in sentObjects { desk.blobs.forget(name, sender.node) }
    if let analysed { try library.follow(taken: analysed) }
    return true
  }

  /// Each key once: a recording's transaction checks its client too.
  private static func once(_ writes: [Write]) -> [Write] {
    var keys: Set<ItemKey> = []
    return writes.filter { keys.insert($0.key).inserted }
  }

  private mutating func take(_ sent: LedgerBatch.Sent, _ client: ItemVersion) throws(Stop) {
    guard let body = sent.entry.body, sent.gone == nil else {
      if sent.gone != LedgerBatch.superseded { position.gone += 1 }
      sentObjects += sent.entry.objects
      return
    }
    var lacks: String?
    do throws(Fault) {
      switch (sent.entry.kind, line.kind) {
      case (.event, .event): try take(event: body, sent)
      case (.picture, .picture): lacks = try take(picture: body)
      case (.recording, .clip), (.recording, .asked): lacks = try take(recording: body, sent, client)
      case (.analysis, .analysis): lacks = try take(analysis: body, sent)
      case (.gap, _):
        let count = try GapNote(body).gap.count
        position.missing = min(position.missing + count, LedgerEntry.numbers.upperBound)
      default: throw Fault(.badInput, "a line '\(line.text)' has no entries of the kind '\(sent.entry.kind.rawValue)'")
      }
    } catch {
      switch error.kind {
      case .badInput, .unsupported, .tooLarge:
        position.unread += 1
        // Of many in a row ever fewer are told.
        guard position.unread.nonzeroBitCount == 1 else { break }
        desk.complain(
          error.at("entry \(sent.entry.sequence) of the line '\(line.text)' of the node '\(sender.node)', passed over"))
      case .conflict: throw Stop.full
      default: throw Stop.refusal(error.message)
      }
    }
    if let lacks { throw Stop.lacks(lacks) }
  }

  /// Holds an object whose bytes the node has sent, and has them count for its client; how many they are, or `nil` where it has to send them, also
  /// where others' are the same.
  mutating func hold(_ name: ObjectName) throws(Fault) -> Int? {
    guard desk.blobs.hasSent(name, sender.node), let lease = try library.objects.lease(name) else { return nil }
    let byteCount = try library.open(name.digest).byteCount
    try desk.blobs.setAside(byteCount, for: name, from: sender)
    leases.append(lease)
    sentObjects.append(name)
    return byteCount
  }

  private mutating func take(event body: [UInt8], _ sent: LedgerBatch.Sent) throws(Fault) {
    let own = try StreamEvent(Item(key: LibraryKeys.outbox(of: line), version: ItemVersion(1), body: body))
    guard own.stream.hasSameBytes(as: line.stream) else {
      throw Fault(.badInput, "the event '\(own.id)' is none of this line's")
    }
    var found = try known(own.id, began: own.from)
    let shift = found.event.map { $0.from - own.from } ?? skew(of: sent)
    var event = own.moved(to: sender.client, stream: stream, by: shift)
    // What is over here is not opened again by what comes from an older state of the node; by a newer word it is, as where a copy
    // of the node ended it.
    if let here = found.event, here.state == .over, event.state == .open, event.updated <= here.updated { return }
    (event.snapshot, event.snapshotByteCount) = (found.event?.snapshot, found.event?.snapshotByteCount)
    found.event = event
    events[own.id] = found
  }

  /// The object whose bytes are not here.
  private mutating func take(picture body: [UInt8]) throws(Fault) -> String? {
    let note = try PictureNote(body)
    var found = try known(note.event, began: note.from)
    // Removed by the rules of keeping.
    guard let name = ObjectName(note.object) else { return nil }
    guard let event = found.event, event.snapshot != note.object else {
      sentObjects.append(name)
      return nil
    }
    guard let byteCount = try hold(name) else { return note.object }
    guard byteCount <= Self.mostPictureBytes else {
      throw Fault(.tooLarge, "the picture of the event '\(note.event)' has more than \(Self.mostPictureBytes) bytes")
    }
    found.event?.snapshot = note.object
    found.event?.snapshotByteCount = byteCount
    events[note.event] = found
    return nil
  }

  /// An event by what is here of it and what this transaction makes of it.
  private func known(_ id: ULID, began from: Int) throws(Fault) -> EventImport {
    if let found = events[id] { return found }
    let place = try desk.table.get(LibraryKeys.eventPlace(sender.client, id))
    let moment = try place.map { (item) throws(Fault) in try EventPlace.read(item) } ?? from
    let key = LibraryKeys.event(sender.client, stream, from: moment, id)
    let item = try desk.table.get(key)
    return EventImport(
      event: try item.map { (item) throws(Fault) in try StreamEvent(item) }, item: item, hasPlace: place != nil)
  }

  private mutating func take(
    recording body: [UInt8], _ sent: LedgerBatch.Sent, _ client: ItemVersion
  ) throws(Fault) -> String? {
    let own = try Asset(Item(key: LibraryKeys.outbox(of: line), version: ItemVersion(1), body: body))
    guard let recording = own.recording, recording.stream.hasSameBytes(as: line.stream),
      let name = ObjectName(own.object)
    else { throw Fault(.badInput, "the asset '\(own.id)' is no recording of this line's stream") }
    try recording.check()
    let known = try desk.table.get(LibraryKeys.asset(own.id)).map { (item) throws(Fault) in
      (try Asset(item), item.version)
    }
    if let known, !waitsForBytes(known.0, own) {
      sentObjects.append(name)
      return nil
    }
    guard let byteCount = try hold(name) else { return own.object }
    let found = try desk.examiner.examine(library.objects.file(of: name))
    let thumbnail = try library.put(found.thumbnail)
    leases.append(thumbnail.lease)
    if let (asset, version) = known {
      var arrived = asset.arrived(byteCount: byteCount, found.facts)
      arrived.thumbnail = asset.thumbnail ?? thumbnail.name.digest
      writes += AssetChange.addBytes(arrived, at: version, client: client)
      return nil
    }
    var asset = Asset(
      id: own.id, group: AssetGroup(client: sender.client), name: own.name, object: own.object,
      byteCount: byteCount, media: found.facts, added: library.now)
    let shift = try shift(of: recording, sent)
    (asset.tags, asset.thumbnail) = (own.tags, thumbnail.name.digest)
    asset.captured = own.captured.map { max(0, $0 + shift) }
    asset.recording = recording.moved(to: stream, by: shift)
    try asset.check()
    writes += AssetChange.add(asset, client: client)
    return nil
  }

  /// What was found in it came before it.
  private func waitsForBytes(_ known: Asset, _ own: Asset) -> Bool {
    known.node?.hasSameBytes(as: sender.node) ?? false && known.recording != nil
      && known.object.hasSameBytes(as: own.object) && known.group.client.hasSameBytes(as: sender.client)
  }

  /// A clip is moved as its event is.
  func shift(of recording: Recording, _ sent: LedgerBatch.Sent) throws(Fault) -> Int {
    if let id = recording.event, let event = try known(id, began: id.milliseconds).event {
      return event.from - id.milliseconds
    }
    return skew(of: sent)
  }

  /// By how much the node's wall clock was behind as an entry was put in.
  ///
  /// Where nothing is known and it says a time before there were such nodes, what happened stands where it came: at 1970 the rules of keeping would
  /// take it away unseen.
  func skew(of sent: LedgerBatch.Sent) -> Int {
    guard let clock = sent.clock else {
      let wall = sent.entry.moment.wall
      return wall < Self.firstPossible ? library.now - wall : 0
    }
    return abs(clock) < NodeClock.tolerance ? 0 : clock
  }

  /// 2020, in milliseconds since 1970.
  private static let firstPossible = 1_577_836_800_000
}

/// An event as it was here, and as it becomes.
struct EventImport {
  var event: StreamEvent?
  let item: Item?
  let hasPlace: Bool

  /// None where nothing changed, so that nobody is told of it anew.
  var writes: [Write] {
    guard let event, item?.body != event.json else { return [] }
    let old = item.flatMap { try? StreamEvent($0) }
    var writes: [Write] = [.put(event.itemKey, event.json, if: (item?.version).orAbsent)]
    if let new = event.reference, new != old?.reference { writes.append(.put(new, Array("{}".utf8))) }
    if let before = old?.reference, before != event.reference { writes.append(.delete(before)) }
    if let place = event.place, !hasPlace { writes.append(.put(place, EventPlace.json(event.from), if: .absent)) }
    return writes
  }
}

extension LibraryKeys {
  /// What faults call the contents of an entry.
  fileprivate static func outbox(of line: LedgerLine) -> ItemKey { ItemKey("LEDGER", line.text) }
}
