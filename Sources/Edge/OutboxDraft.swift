internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library

/// Something that is to be forwarded, before it has its place in the chain.
struct OutboxDraft {
  let line: LedgerLine
  let kind: LedgerEntry.Kind
  let body: [UInt8]
  /// Whose it is on the node; nobody's where it is empty.
  let client: String
  /// Of what it is the newest word: an event's id.
  let about: ULID?
  /// When the library had it, in milliseconds since 1970.
  let moment: Int
  /// When it was put into a chain that is over; `nil` for now.
  var put: NodeMoment?

  /// What its entry takes at most, but for contents that are all quotation marks.
  var byteCount: Int { body.count / 4 * 5 + 400 }

  /// An event as it is by now.
  init(_ event: StreamEvent) {
    line = LedgerLine(.event, event.stream)
    (kind, body, client, about, moment) = (.event, event.json, event.client, event.id, event.updated)
  }

  /// The picture of its best moment.
  init?(pictureOf event: StreamEvent) {
    guard let snapshot = event.snapshot else { return nil }
    line = LedgerLine(.picture, event.stream)
    (kind, client, about, moment) = (.picture, event.client, event.id, event.updated)
    body = PictureNote(event: event.id, from: event.from, client: event.client, object: snapshot).json
  }

  /// What waited in a chain that is over.
  init(_ waiting: OutboxEntry, _ body: [UInt8], of line: LedgerLine) {
    (self.line, self.body, client, about) = (line, body, waiting.client, nil)
    (kind, moment, put) = (waiting.entry.kind, waiting.entry.moment.wall, waiting.entry.moment)
  }

  /// How many were left out of a line.
  init(_ gap: OutboxLine.Gap, of line: LedgerLine) {
    (self.line, kind, body, client, about, moment) = (line, .gap, GapNote(gap).json, "", nil, gap.to)
  }

  /// What was recorded of a stream.
  init?(_ asset: Asset, isAsked: Bool) {
    guard let recording = asset.recording, asset.removed == nil else { return nil }
    line = LedgerLine(isAsked ? .asked : .clip, recording.stream)
    guard line.isOfNode else { return nil }
    (kind, body, client, about, moment) = (.recording, asset.json, asset.group.client, asset.id, asset.added)
  }

  /// What was found in a film; none of what other nodes found.
  init?(_ told: ForwardedAnalysis, _ rules: EdgeRules) {
    let isOwn = told.asset.recording.map { PlainName.isValid($0.stream) } ?? (told.asset.node == nil)
    guard rules.forwardsAnalyses, isOwn else { return nil }
    var told = told
    if !rules.forwardsPictures { told.asset.thumbnail = nil }
    (line, kind, body) = (.analyses, .analysis, told.json)
    (client, about, moment) = (told.asset.group.client, nil, told.analysis.made)
  }
}

/// What an entry about a picture says.
struct PictureNote {
  let event: ULID
  /// When its event began, in milliseconds since 1970, by the node's clock.
  let from: Int
  let client: String
  /// SHA-256 of a JPEG.
  let object: String

  private enum Key: String, CaseIterable { case event, from, owner, object }

  init(event: ULID, from: Int, client: String, object: String) {
    (self.event, self.from, self.client, self.object) = (event, from, client, object)
  }

  init(_ body: [UInt8]) throws(Fault) {
    let document = try JSONDocument(parsing: body.span.bytes, name: "an entry about a picture")
    let fields = try document.root.fields(Key.self, others: .ignored)
    let id = try fields.required(.event)
    guard let event = ULID(try id.string()) else { throw id.fault("this is no event's id") }
    self.event = event
    from = try fields.required(.from).integer(in: LedgerEntry.numbers)
    client = try fields.required(.owner).string()
    object = try LedgerEntry.digest(fields.required(.object))
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 192) { json in
      json.field("event", event.text)
      json.field("from", from)
      json.field("owner", client)
      json.field("object", object)
    }
  }
}

/// What an entry about a gap says.
struct GapNote {
  let gap: OutboxLine.Gap

  private enum Key: String, CaseIterable { case from, to, count }

  init(_ gap: OutboxLine.Gap) { self.gap = gap }

  init(_ body: [UInt8]) throws(Fault) {
    let document = try JSONDocument(parsing: body.span.bytes, name: "an entry about a gap")
    let fields = try document.root.fields(Key.self, others: .ignored)
    gap = OutboxLine.Gap(
      from: try fields.required(.from).integer(in: LedgerEntry.moments),
      to: try fields.required(.to).integer(in: LedgerEntry.moments),
      count: try fields.required(.count).integer(in: 1...LedgerEntry.numbers.upperBound))
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 96) { json in
      json.field("from", gap.from)
      json.field("to", gap.to)
      json.field("count", gap.count)
    }
  }
}

/// What of a node's changes goes into one transaction: of each event its newest state, in the order of the last words.
struct OutboxDrafts {
  private(set) var drafts: [OutboxDraft] = []
  /// When an open event was put in last, in monotonic nanoseconds; those that are over are forgotten.
  var told: [ULID: UInt64] = [:]

  /// With the ends of their lines, and their clients, fewer than the writes of a transaction; and bytes, as many as it may have.
  static let (room, mostBytes) = (30, 2 << 20)
  /// Between two updates of an event that goes on, in nanoseconds.
  private static let pace: UInt64 = 5_000_000_000

  init(told: [ULID: UInt64] = [:]) { self.told = told }

  var isFull: Bool { drafts.count >= Self.room || byteCount >= Self.mostBytes }
  var byteCount: Int { drafts.reduce(0) { $0 + $1.byteCount } }

  /// What a change is worth; `false` where there is no room for it any more.
  mutating func add(_ change: Change, _ rules: EdgeRules, at now: UInt64) throws(Fault) -> Bool {
    guard let item = change.after else { return true }
    if change.key.partition.utf8.starts(with: "ASSET#".utf8), change.key.sort == "METADATA" {
      guard change.before == nil, rules.forwardsClips else { return true }
      let asset = try Asset(item)
      guard asset.recording?.kind == .clip else { return true }
      return add(OutboxDraft(asset, isAsked: false))
    }
    guard change.key.partition.utf8.starts(with: "CLIENT#".utf8),
      change.key.sort.utf8.starts(with: LibraryKeys.events.utf8)
    else { return true }
    let (event, old) = (try StreamEvent(item), try change.before.map { (item) throws(Fault) in try StreamEvent(item) })
    return add(event, before: old, rules, at: now)
  }

  /// An event that changed, or is looked at anew where nothing is known of before.
  mutating func add(_ event: StreamEvent, before old: StreamEvent?, _ rules: EdgeRules, at now: UInt64) -> Bool {
    // Alerts on films have no stream; what came from other nodes is theirs to tell.
    guard LedgerLine(.event, event.stream).isOfNode else { return true }
    guard !isFull, drafts.count + 2 <= Self.room else { return false }
    let isUpdate = old != nil && old?.state == event.state
    let isDue = !isUpdate || event.state == .over || told[event.id].map { now >= $0 + Self.pace } ?? true
    if isDue {
      told[event.id] = event.state == .open ? now : nil
      replace(OutboxDraft(event))
    }
    if rules.forwardsPictures, event.snapshot != old?.snapshot, let draft = OutboxDraft(pictureOf: event) {
      replace(draft)
    }
    return true
  }

  mutating func add(_ draft: OutboxDraft?) -> Bool {
    guard let draft else { return true }
    guard !isFull else { return false }
    replace(draft)
    return true
  }

  private mutating func replace(_ draft: OutboxDraft) {
    if let about = draft.about { drafts.removeAll { $0.about == about && $0.kind == draft.kind } }
    drafts.append(draft)
  }
}
