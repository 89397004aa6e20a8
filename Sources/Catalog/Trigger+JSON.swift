public import Base
public import Items
internal import JSON

extension Trigger {
  private enum Key: String, CaseIterable {
    case trigger, owner, since, on, brand, campaign, tags, kind, pipeline, folder, priority, paused, jobs, last
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 1024) { json in
      write(into: &json)
      json.object("pipeline", pipeline.write)
    }
  }

  /// The members that are its JSON on every surface, but for its pipeline.
  public func write(into json: inout JSONWriter) {
    json.field("trigger", id.text)
    group.write(into: &json, client: "owner")
    json.field("since", CompositeKey.time(milliseconds: created))
    json.field("on", event.rawValue)
    json.field("tags", tags)
    json.field("kind", ifKnown: isPicture.map { ($0 ? AssetSelection.Kind.picture : .video).rawValue })
    json.field("folder", ifKnown: folder)
    json.field("priority", priority.rawValue)
    json.field("paused", isPaused)
    json.field("jobs", jobCount)
    json.field("last", ifKnown: lastJob?.text)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let id = try fields.required(.trigger)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no trigger's id") }
    self.init(
      id: ulid, created: try fields.required(.since).moment(), event: try fields.required(.on).choice(),
      group: AssetGroup(
        client: try fields.required(.owner).string(), brand: try fields[.brand]?.string(),
        campaign: try fields[.campaign]?.string()),
      pipeline: try Job.Pinned(fields.required(.pipeline)))
    for tag in try fields.required(.tags).elements() { tags.append(try tag.string()) }
    if let value = fields[.kind] {
      let kind: AssetSelection.Kind = try value.choice()
      isPicture = kind == .picture
    }
    folder = try fields[.folder]?.string()
    priority = try fields.required(.priority).choice()
    isPaused = try fields.required(.paused).bool()
    jobCount = try fields.required(.jobs).integer(in: 0 ... .max)
    guard let value = fields[.last] else { return }
    guard let last = ULID(try value.string()) else { throw value.fault("this is no job's id") }
    lastJob = last
  }
}

/// A file of a folder, or an object of a bucket, that was looked at: it is not looked at again as long as it stays as it is.
public struct WatchedFile: Sendable, Hashable {
  /// Below the folder.
  public let path: String
  /// Its length and the moment of its last write; of an object its ETag too.
  public let state: String
  /// The asset that it became, or why it became none.
  public let asset: ULID?
  public let reason: String?

  public init(path: String, state: String, asset: ULID?, reason: String?) {
    (self.path, self.state, self.asset, self.reason) = (path, state, asset, reason)
  }

  private enum Key: String, CaseIterable { case path, state, asset, reason }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("path", path)
      json.field("state", state)
      json.field("asset", ifKnown: asset?.text)
      json.field("reason", ifKnown: reason)
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      path: try fields.required(.path).string(), state: try fields.required(.state).string(),
      asset: try fields[.asset].flatMap { (value) throws(Fault) in ULID(try value.string()) },
      reason: try fields[.reason]?.string())
  }
}
