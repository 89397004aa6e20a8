public import Base
public import Items
public import JSON

extension Asset {
  enum Key: String, CaseIterable {
    case asset, client, brand, campaign, name, tags, state, reason, object, bytes, kind, width, height, duration, codec
    case format, rate, color, rotation, added, captured, thumbnail, analyses, stream, recording, from, to, event, gaps
    case removed, recorded, node
    case foundBytes = "found_bytes"
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 768) { json in
      write(into: &json)
      if foundByteCount > 0 { json.field("found_bytes", foundByteCount) }
    }
  }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("asset", id.text)
    group.write(into: &json)
    json.field("name", name)
    json.field("tags", tags)
    json.field("state", state.rawValue)
    json.field("reason", ifKnown: reason)
    json.field("object", object)
    json.field("bytes", byteCount)
    json.field("kind", media.isPicture ? "picture" : "video")
    json.field("width", media.size.width)
    json.field("height", media.size.height)
    json.field("duration", ifKnown: media.duration, digits: 6)
    json.field("codec", media.codec)
    json.field("format", media.format)
    json.field("rate", [media.frameRate.numerator, media.frameRate.denominator])
    json.field("color", media.color)
    json.field("rotation", media.rotation)
    json.field("added", CompositeKey.time(milliseconds: added))
    json.field("captured", ifKnown: captured.map(CompositeKey.time(milliseconds:)))
    json.field("thumbnail", ifKnown: thumbnail)
    json.field("analyses", analysisCount)
    json.field("removed", ifKnown: removed.map(CompositeKey.time(milliseconds:)))
    json.field("node", ifKnown: node)
    guard !hasBytes else {
      recording?.write(into: &json)
      return
    }
    // Set apart, so that no index of recordings has it.
    if let recording { json.object("recorded", recording.write) }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let id = try fields.required(.asset)
    guard let ulid = ULID(try id.string()) else { throw id.fault("this is no asset's id") }
    self.init(
      id: ulid,
      group: AssetGroup(
        client: try fields.required(.client).string(), brand: try fields[.brand]?.string(),
        campaign: try fields[.campaign]?.string()),
      name: try fields.required(.name).string(), object: try fields.required(.object).string(),
      byteCount: try fields.required(.bytes).integer(in: 0 ... .max), media: try Self.media(fields),
      added: try fields.required(.added).moment())
    for tag in try fields.required(.tags).elements() { tags.append(try tag.string()) }
    state = try fields.required(.state).choice()
    reason = try fields[.reason]?.string()
    captured = try fields[.captured]?.moment()
    thumbnail = try fields[.thumbnail]?.string()
    analysisCount = try fields.required(.analyses).integer(in: 0 ... .max)
    removed = try fields[.removed]?.moment()
    node = try fields[.node]?.string()
    foundByteCount = try fields[.foundBytes]?.integer(in: 0 ... .max) ?? 0
    recording = try Recording(fields[.recorded]?.fields(Key.self) ?? fields)
  }

  private static func media(_ fields: JSONFields<Key>) throws(Fault) -> MediaFacts {
    var rate: [Int] = []
    for side in try fields.required(.rate).elements() { rate.append(try side.integer()) }
    guard rate.count == 2 else { throw try fields.required(.rate).fault("a rate is two whole numbers") }
    return MediaFacts(
      isPicture: try fields.required(.kind).string() == "picture",
      size: Size(width: try fields.required(.width).integer(), height: try fields.required(.height).integer()),
      duration: try fields[.duration]?.number(), codec: try fields.required(.codec).string(),
      format: try fields.required(.format).string(), frameRate: Ratio(rate[0], rate[1]),
      color: try fields.required(.color).string(), rotation: try fields.required(.rotation).string())
  }
}

extension JSONValue {
  /// A moment in milliseconds since 1970, as ``CompositeKey/time(milliseconds:)`` writes it.
  func moment() throws(Fault) -> Int {
    guard let moment = CompositeKey.milliseconds(of: try string()) else { throw fault("this is no moment") }
    return moment
  }

  /// Left, top, width and height, as shares of the picture.
  func rect() throws(Fault) -> Rect {
    var sides: [Double] = []
    for side in try elements() { sides.append(try side.number()) }
    guard sides.count == 4 else { throw fault("this is no box") }
    return Rect(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
  }
}
