internal import Base
internal import Items
internal import JSON

/// How far a node's changes were looked through for what is forwarded.
struct OutboxPosition {
  /// Of the chain; another one begins where either end went back to an older state.
  let life: String
  var change: ChangePosition
  /// When the last change was written that was looked at, in milliseconds since 1970.
  var time: Int
  /// What stands in the library is looked through as well, from a place on: what was changed since a moment.
  var walk: Walk?
  let version: ItemVersion?

  struct Walk: Hashable {
    enum Stage: String, CaseIterable { case over, open, clips, analyses }

    var stage = Stage.over
    /// The last that was looked at, as it stands in its index; of analyses the client, and where its next page of assets begins.
    var after = ""
    /// Milliseconds since 1970.
    var since: Int
  }

  private enum Key: String, CaseIterable { case life, change, time, stage, after, since }

  init(life: String, change: ChangePosition, time: Int, walk: Walk? = nil, over version: ItemVersion? = nil) {
    (self.life, self.change, self.time, self.walk, self.version) = (life, change, time, walk, version)
  }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    life = try fields.required(.life).string()
    change = ChangePosition(text: try fields.required(.change).string())
    time = try fields.required(.time).integer(in: 0 ... .max)
    if let stage = fields[.stage] {
      walk = Walk(
        stage: try stage.choice(), after: try fields.required(.after).string(),
        since: try fields.required(.since).integer(in: 0 ... .max))
    }
    version = item.version
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("life", life)
      json.field("change", change.text)
      json.field("time", time)
      guard let walk else { return }
      json.field("stage", walk.stage.rawValue)
      json.field("after", walk.after)
      json.field("since", walk.since)
    }
  }
}

/// The end of a line of an outbox.
struct OutboxLine {
  var sequence = 0
  var hash = LedgerEntry.none
  /// Bytes of all entries that were ever put in.
  var written = 0
  /// What was not put in since, as there was no room.
  var gap: Gap?
  var version: ItemVersion?

  struct Gap: Hashable {
    /// Milliseconds since 1970, by the node's clock.
    var (from, to, count): (Int, Int, Int)

    static func == (a: Gap, b: Gap) -> Bool { (a.from, a.to, a.count) == (b.from, b.to, b.count) }
    func hash(into hasher: inout Hasher) { hasher.combine(from) }
  }

  private enum Key: String, CaseIterable { case sequence, hash, written, began, ended, count }

  init() {}

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    sequence = try fields.required(.sequence).integer(in: 0 ... .max)
    hash = try fields.required(.hash).string()
    written = try fields.required(.written).integer(in: 0 ... .max)
    if let from = fields[.began] {
      gap = Gap(
        from: try from.integer(), to: try fields.required(.ended).integer(),
        count: try fields.required(.count).integer())
    }
    version = item.version
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("sequence", sequence)
      json.field("hash", hash)
      json.field("written", written)
      guard let gap else { return }
      json.field("began", gap.from)
      json.field("ended", gap.to)
      json.field("count", gap.count)
    }
  }

  /// One more was left out, which the library has since a moment.
  mutating func leaveOut(_ moment: Int) {
    gap = Gap(from: min(gap?.from ?? moment, moment), to: max(gap?.to ?? moment, moment), count: (gap?.count ?? 0) + 1)
  }
}

/// How much of a line the centre has, as the node knows it.
struct OutboxTaken {
  var sequence = 0
  var hash = LedgerEntry.none
  /// Bytes of all entries that were taken away since.
  var removed = 0
  var version: ItemVersion?

  private enum Key: String, CaseIterable { case sequence, hash, removed }

  init() {}

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    sequence = try fields.required(.sequence).integer(in: 0 ... .max)
    hash = try fields.required(.hash).string()
    removed = try fields.required(.removed).integer(in: 0 ... .max)
    version = item.version
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 160) { json in
      json.field("sequence", sequence)
      json.field("hash", hash)
      json.field("removed", removed)
    }
  }
}
