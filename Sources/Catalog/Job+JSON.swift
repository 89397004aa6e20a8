public import Base
public import Items
public import JSON

extension Job {
  private enum Key: String, CaseIterable {
    case job, owner, created, state, selection, pipelines, profile, priority, budget, webhook, listed, done, kept,
      failed
    case cancelled, corrupt, obstacle, external, source, reason, cursor, processor, price, partial, progress, ended
    case round, trigger, waiting, trace
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 2048) { json in
      write(into: &json)
      if let source {
        json.object("source") { json in
          json.field("address", source.address)
          json.field("private", source.reachesPrivate)
          source.group.write(into: &json)
          json.field("tags", source.tags)
        }
      }
      if let webhook {
        json.object("webhook") { json in
          json.field("address", webhook.address)
          json.field("secret", webhook.secret)
          json.field("private", webhook.reachesPrivate)
          json.field("trouble", ifKnown: webhook.trouble)
        }
      }
      json.field("cursor", ifKnown: cursor)
      json.field("trace", ifKnown: trace?.header)
      json.array("pipelines") { json in
        for pipeline in pipelines { json.object(pipeline.write) }
      }
    }
  }

  /// The members that are its JSON on every surface, but for its pipelines.
  public func write(into json: inout JSONWriter) {
    json.field("job", id.text)
    json.field("owner", client)
    json.field("created", CompositeKey.time(milliseconds: created))
    json.field("state", state.rawValue)
    json.object("selection", selection.write)
    json.field("profile", profile)
    json.field("priority", priority.rawValue)
    if isExternal { json.field("external", true) }
    json.field("budget", ifKnown: budget.map { Double($0) / 1e6 }, digits: 6)
    json.field("listed", counts.listed)
    json.field("done", counts.done)
    json.field("kept", counts.kept)
    json.field("failed", counts.failed)
    json.field("cancelled", counts.cancelled)
    json.field("corrupt", counts.corrupt)
    json.field("processor", processorTime)
    json.field("price", price, digits: 12)
    json.field("cost", Double(cost) / 1e6, digits: 6)
    json.field("partial", partial)
    json.field("progress", progress)
    json.field("ended", ifKnown: ended.map(CompositeKey.time(milliseconds:)))
    json.field("round", round)
    json.field("reason", ifKnown: reason)
    json.field("obstacle", ifKnown: obstacle)
    if isUnfetched { json.field("fetching", true) }
    if let waiting {
      json.object("waiting") { json in
        json.field("reason", waiting.reason)
        json.field("attempts", waiting.attempts)
        json.field("most", waiting.most)
        json.field("next", CompositeKey.time(milliseconds: waiting.next))
      }
    }
    json.field("trigger", ifKnown: trigger?.text)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    let id = try fields.required(.job)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no job's id") }
    var pipelines: [Pinned] = []
    for element in try fields.required(.pipelines).elements() { pipelines.append(try Pinned(element)) }
    self.init(
      id: ulid, client: try fields.required(.owner).string(), created: try fields.required(.created).moment(),
      selection: try AssetSelection(fields.required(.selection)), pipelines: pipelines)
    state = try fields.required(.state).choice()
    profile = try fields.required(.profile).string()
    priority = try fields.required(.priority).choice()
    isExternal = try fields[.external]?.bool() ?? false
    budget = try fields[.budget].map { (value) throws(Fault) in Int((min(1e9, try value.number()) * 1e6).rounded()) }
    source = try fields[.source].map { (value) throws(Fault) in try Self.source(value) }
    (reason, obstacle) = (try fields[.reason]?.string(), try fields[.obstacle]?.string())
    waiting = try fields[.waiting].map { (value) throws(Fault) in try Self.waiting(value) }
    webhook = try fields[.webhook].map { (value) throws(Fault) in try Self.webhook(value) }
    cursor = try fields[.cursor]?.string()
    processorTime = try fields.required(.processor).integer(in: 0 ... .max)
    price = try fields.required(.price).number()
    partial = try fields[.partial]?.integer() ?? 0
    progress = try fields.required(.progress).integer(in: 0...1_000_000)
    ended = try fields[.ended]?.moment()
    trigger = try fields[.trigger].flatMap { (value) throws(Fault) in ULID(try value.string()) }
    trace = try fields[.trace].flatMap { (value) throws(Fault) in Trace(try value.string()) }
    round = try fields.required(.round).integer(in: 1 ... .max)
    counts.listed = try fields.required(.listed).integer(in: 0 ... .max)
    counts.done = try fields.required(.done).integer(in: 0 ... .max)
    counts.kept = try fields.required(.kept).integer(in: 0 ... .max)
    counts.failed = try fields.required(.failed).integer(in: 0 ... .max)
    counts.cancelled = try fields.required(.cancelled).integer(in: 0 ... .max)
    counts.corrupt = try fields[.corrupt]?.integer(in: 0 ... .max) ?? 0
  }

  private enum SourceKey: String, CaseIterable { case address, `private`, client, brand, campaign, tags }

  private static func source(_ value: JSONValue) throws(Fault) -> Source {
    let fields = try value.fields(SourceKey.self, others: .ignored)
    let group = AssetGroup(
      client: try fields.required(.client).string(), brand: try fields[.brand]?.string(),
      campaign: try fields[.campaign]?.string())
    var source = Source(
      address: try fields.required(.address).string(), reachesPrivate: try fields.required(.private).bool(),
      group: group)
    for tag in try fields.required(.tags).elements() { source.tags.append(try tag.string()) }
    return source
  }

  private enum WaitingKey: String, CaseIterable { case reason, attempts, most, next }

  private static func waiting(_ value: JSONValue) throws(Fault) -> Waiting {
    let fields = try value.fields(WaitingKey.self, others: .ignored)
    return Waiting(
      try fields.required(.reason).string(), attempts: try fields.required(.attempts).integer(in: 0 ... .max),
      most: try fields.required(.most).integer(in: 0 ... .max), next: try fields.required(.next).moment())
  }

  private enum WebhookKey: String, CaseIterable { case address, secret, `private`, trouble }

  private static func webhook(_ value: JSONValue) throws(Fault) -> Webhook {
    let fields = try value.fields(WebhookKey.self, others: .ignored)
    var webhook = Webhook(
      address: try fields.required(.address).string(), secret: try fields.required(.secret).string(),
      reachesPrivate: try fields.required(.private).bool())
    webhook.trouble = try fields[.trouble]?.string()
    return webhook
  }
}

extension Job.Pinned {
  private enum Key: String, CaseIterable { case series, digest, text, folder, models, published }

  public func write(into json: inout JSONWriter) {
    json.field("series", series)
    json.field("digest", digest)
    json.field("text", text)
    json.field("folder", folder)
    json.field("models", models)
    if published != models { json.field("published", published) }
  }

  /// Reads what ``write(into:)`` wrote.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    self.init(
      series: try fields.required(.series).string(), digest: try fields.required(.digest).string(),
      text: try fields.required(.text).string(), folder: try fields.required(.folder).string(),
      models: try fields.required(.models).strings(),
      published: try fields[.published].map { (value) throws(Fault) in try value.strings() })
  }
}

extension JSONValue {
  /// Elements of an array that are texts.
  func strings() throws(Fault) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.string()) }
    return texts
  }
}

extension AssetSelection {
  public enum Key: String, CaseIterable {
    case brand, campaign, tags, state, kind, text, from, before, assets, stream, recording, to
  }

  public enum Kind: String, CaseIterable, Sendable { case picture, video }

  public func write(into json: inout JSONWriter) {
    json.field("brand", ifKnown: brand)
    json.field("campaign", ifKnown: campaign)
    if !tags.isEmpty { json.field("tags", tags) }
    json.field("state", ifKnown: state?.rawValue)
    json.field("kind", ifKnown: isPicture.map { ($0 ? Kind.picture : .video).rawValue })
    json.field("text", ifKnown: text)
    json.field("from", ifKnown: from.map(CompositeKey.time(milliseconds:)))
    json.field("before", ifKnown: before.map(CompositeKey.time(milliseconds:)))
    json.field("stream", ifKnown: stream)
    json.field("recording", ifKnown: recording?.rawValue)
    json.field("to", ifKnown: to.map(CompositeKey.time(milliseconds:)))
    if !assets.isEmpty { json.field("assets", assets.map(\.text)) }
  }

  /// Reads what ``write(into:)`` wrote, and what a client asks for: unknown members are faults.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    (brand, campaign) = (try fields[.brand]?.string(), try fields[.campaign]?.string())
    if let value = fields[.tags] { for tag in try value.elements() { tags.append(try tag.string()) } }
    state = try fields[.state]?.choice()
    if let value = fields[.kind] {
      let kind: Kind = try value.choice()
      isPicture = kind == .picture
    }
    text = try fields[.text]?.string()
    (from, before) = (try fields[.from]?.moment(), try fields[.before]?.moment())
    (stream, to) = (try fields[.stream]?.string(), try fields[.to]?.moment())
    recording = try fields[.recording]?.choice()
    guard stream != nil || to == nil && recording == nil else {
      throw value.fault("'to' and 'recording' are of what was recorded of a stream: name it, or say 'before'")
    }
    guard let value = fields[.assets] else { return }
    for element in try value.elements() {
      guard let id = ULID(try element.string()) else { throw element.fault("this is no asset's id") }
      assets.append(id)
    }
    guard assets.count <= Self.mostAssets else {
      throw value.fault(
        "\(assets.count) assets by name: at most \(Self.mostAssets); select by brand, campaign, tag or time instead")
    }
  }
}
