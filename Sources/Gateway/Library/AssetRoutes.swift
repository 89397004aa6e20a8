internal import Access
internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Web

/// Assets over HTTP: finding them, what is said of them, and what was found on them.
enum AssetRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        library: .get, "/v1/assets", for: .read,
        Operation(
          "listAssets", "Assets, the newest first", answer(json(schema("AssetPage"))),
          parameters: [
            LibraryQuery.client.documentation, LibraryQuery.brand.documentation, LibraryQuery.campaign.documentation,
            LibraryQuery.tags.documentation, LibraryQuery.state.documentation, LibraryQuery.kind.documentation,
            LibraryQuery.text.documentation, LibraryQuery.from.documentation, LibraryQuery.before.documentation,
            LibraryQuery.limit.documentation, LibraryQuery.after.documentation,
          ]), answer: list),
      Route(
        library: .get, "/v1/assets/{asset}", asset, for: .read,
        Operation(
          "getAsset", "One asset with its analyses", answer(json(schema("Asset"))) + same, failures: [.notFound]),
        answer: show),
      Route(
        library: .patch, "/v1/assets/{asset}", asset, for: .write, body: .small,
        Operation(
          "updateAsset", "Changes what is said of an asset; another brand or campaign moves it, and totals follow",
          answer(json(schema("Asset"))), body: body(json(schema("AssetEdit"))),
          failures: [.notFound, .changed, .noRoom]),
        answer: update),
      Route(
        library: .delete, "/v1/assets/{asset}", asset, for: .write,
        Operation(
          "deleteAsset", "Deletes an asset with everything that was made of it", done(204),
          failures: [.notFound, .changed]), answer: delete),
      Route(
        library: .get, "/v1/assets/{asset}/content", asset, for: .read,
        Operation(
          "getContent", "The bytes of an asset, or a range of them",
          answer(["application/octet-stream": bytes("application/octet-stream")])
            + [
              (
                "206",
                ["description": "A range.", "content": ["application/octet-stream": bytes("application/octet-stream")]]
              )
            ]
            + same, failures: [.notFound, .changed, .badRange]), answer: content),
      Route(
        library: .get, "/v1/assets/{asset}/address", asset, for: .read,
        Operation(
          "getAddress",
          "Where an asset's bytes can be fetched without this server in between, for five minutes and without a key; where its library is a folder, the address of its content",
          answer(json(schema("AssetAddress"))), failures: [.notFound]), answer: address),
      Route(
        library: .get, "/v1/assets/{asset}/thumbnail", asset, for: .read,
        Operation(
          "getThumbnail", "A picture of an asset, at most 640 pixels long",
          answer(["image/jpeg": bytes("image/jpeg")]) + same,
          failures: [.notFound]),
        answer: thumbnail),
    ], schemas: schemas)

  static let asset = PathParameter("asset", component: "AssetID", "An asset's id.", pattern: ULID.pattern)

  static let same: [(String, Document)] = [("304", ["description": "It is still what If-None-Match names."])]

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    var filter = AssetFilter(client: "")
    filter.group = try call.group(query)
    filter.tags = try query(LibraryQuery.tags) ?? []
    filter.state = try query(LibraryQuery.state).flatMap { Asset.State(rawValue: $0) }
    filter.isPicture = try query(LibraryQuery.kind).map { $0 == "picture" }
    filter.text = try query(LibraryQuery.text)
    filter.from = try query(LibraryQuery.from)
    filter.before = try query(LibraryQuery.before)
    let (limit, token) = (try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query))
    let page = try call.perform { () throws(Fault) in
      try call.library.list(filter, scope: call.scope, limit: limit, after: token)
    }
    return .json(
      JSONWriter.object { json in
        json.array("assets") { json in for asset in page.elements { json.object { asset.write(into: &$0) } } }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static func show(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let json = try representation(of: try call.asset(id).asset, call)
    return call.answer(json, tag: Library.tag(of: json))
  }

  /// An asset with its analyses and renditions: what its tag names, so that a change of either is seen.
  private static func representation(of asset: Asset, _ call: LibraryCall) throws(Failure) -> [UInt8] {
    let analyses = try call.perform { () throws(Fault) in try call.library.analyses(of: asset) }
    let renditions = try call.perform { () throws(Fault) in try call.library.renditions(of: asset.id) }
    return JSONWriter.object { json in
      asset.write(into: &json)
      json.array("results") { json in for analysis in analyses { json.object { analysis.write(into: &$0) } } }
      guard !renditions.isEmpty else { return }
      json.array("renditions") { json in for each in renditions { json.object { each.write(into: &$0) } } }
    }
  }

  /// The asset, and its version where the request insists on one; refused with 412 where `If-Match` names no state that is there now.
  private static func matched(_ call: LibraryCall, _ id: String) throws(Failure) -> ItemVersion? {
    let found = try call.asset(id)
    guard let wanted = EntityTagList(call.context.request.headers("if-match")) else { return nil }
    guard wanted.isSame(as: EntityTag(Library.tag(of: try representation(of: found.asset, call)))) else {
      throw Failure(412, Fault(.closed, "the asset was changed since it was read: read it again"))
    }
    return found.version
  }

  private static func update(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let version = try matched(call, id)
    let edit = try call.perform { () throws(Fault) in
      try call.body.withBytes { (bytes) throws(Fault) in try AssetEdit(json: bytes) }
    }
    let updated = try call.change { () throws(Fault) in
      try call.library.update(id, edit, scope: call.scope, ifVersion: version)
    }
    return call.answer(updated.json, tag: Library.tag(of: try representation(of: updated, call)))
  }

  private static func delete(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let version = try matched(call, id)
    try call.change { () throws(Fault) in try call.library.delete(id, scope: call.scope, ifVersion: version) }
    return Response(204)
  }

  private static func content(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    try content(of: try call.asset(id).asset, call)
  }

  /// Its bytes, or a range of them.
  static func content(of asset: Asset, _ call: LibraryCall) throws(Failure) -> Response {
    let source = try call.perform { () throws(Fault) in ObjectSource(try call.library.content(of: asset)) }
    let headers = [
      ("Content-Type", contentType(asset)), ("Cache-Control", "private, no-cache"),
      // What a client brought is never run as a page of this server.
      ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ]
    return .serving(source, for: call.context.request, tag: EntityTag(asset.object), headers: headers)
  }

  /// Seconds for which whoever has such an address may fetch.
  private static let addressSeconds = 300

  private static func address(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let asset = try call.asset(id).asset
    let (now, found) = (
      call.library.now,
      try call.perform { () throws(Fault) in
        try call.library.address(of: asset, seconds: addressSeconds, contentType: contentType(asset))
      }
    )
    var response = Response.json(
      JSONWriter.object { json in
        json.field("address", found ?? "/v1/assets/\(asset.id.text)/content")
        json.field("expires", ifKnown: found.map { _ in UTC.text(now / 1000 + addressSeconds) })
      })
    response.headers.append(("Cache-Control", "no-store"))
    return response
  }

  /// What a browser needs to know to show it: no other type than those of pictures and films.
  private static func contentType(_ asset: Asset) -> String {
    let names = asset.media.format.split(separator: ",").map(String.init)
    func has(_ name: String) -> Bool { names.contains { $0 == name || $0.hasPrefix(name + "_") } }
    if asset.media.isPicture {
      switch asset.media.codec {
      case "mjpeg", "jpeg": return "image/jpeg"
      case "png": return "image/png"
      case "webp": return "image/webp"
      case "gif": return "image/gif"
      case "bmp": return "image/bmp"
      default: return has("avif") ? "image/avif" : "application/octet-stream"
      }
    }
    if has("mp4") { return "video/mp4" }
    if has("webm") { return asset.name.lowercased().hasSuffix(".mkv") ? "video/x-matroska" : "video/webm" }
    return has("matroska") ? "video/x-matroska" : "application/octet-stream"
  }

  private static func thumbnail(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let found = try call.asset(id)
    guard let digest = found.asset.thumbnail else { throw .notFound("the asset '\(id)' has no picture") }
    let jpeg = try call.perform { () throws(Fault) in try call.library.read(digest) }
    return call.answer(jpeg, "image/jpeg", tag: String(digest.prefix(32)))
  }

  private static let text = about("A name of 1 to 128 bytes.", string)
  private static let digest: Document = ["type": "string", "pattern": "^[0-9a-f]{64}$"]

  private static let assetFields: KeyValuePairs<String, Document> = [
    "asset": ["type": "string", "pattern": .text(ULID.pattern)], "client": string, "name": string, "tags": list(string),
    "state": ["type": "string", "enum": .list(Asset.State.allCases.map { .text($0.rawValue) })],
    "object": about("SHA-256 of its bytes.", digest), "bytes": count,
    "kind": ["type": "string", "enum": ["video", "picture"]], "width": count, "height": count, "codec": string,
    "format": string, "rate": about("Frames a second, as a fraction; 0/0 where it is not known.", list(count)),
    "color": string, "rotation": string, "added": moment, "analyses": count,
  ]
  private static let assetOptions: KeyValuePairs<String, Document> = [
    "brand": text, "campaign": text, "reason": about("Why its last analysis failed.", string),
    "duration": about("Seconds.", amount), "captured": moment, "thumbnail": digest,
    "stream": about("The live stream that it was recorded of.", string),
    "recording": about(
      "Whether it is the clip of an event, or a segment of all that came.",
      ["type": "string", "enum": .list(Recording.Kind.allCases.map { .text($0.rawValue) })]),
    "from": about("When its first picture was shown.", moment), "to": about("The end of its last picture.", moment),
    "event": about("Of a clip.", string),
    "removed": about("When the bytes of a recording that was analysed were removed by the rules of keeping.", moment),
    "node": about("The node at the edge that alone has its bytes; what it found in it is here.", string),
    "recorded": about(
      "What a recording was whose bytes are not here.",
      object(["stream": string, "recording": string, "from": moment, "to": moment], optional: ["event": string])),
    "gaps": about("Times in a recording without pictures.", list(object(["from": moment, "to": moment]))),
    "results": about("Its analyses, where one asset is asked for.", list(schema("Analysis"))),
    "renditions": about(
      "Lighter renditions of its film that pipelines with a proxy look at, where one asset is asked for and has any.",
      list(schema("Rendition"))),
  ]

  private static let schemas: Document = [
    "Asset": object(assetFields, optional: assetOptions),
    "AssetAddress": object(
      ["address": string], optional: ["expires": moment]),
    "AssetPage": object(
      ["assets": list(schema("Asset"))],
      optional: ["next": about("For after: where the next page begins; missing on the last.", string)]),
    "AssetEdit": object(
      [:],
      optional: [
        "name": string, "tags": list(string), "captured": maybe(moment), "client": string, "brand": maybe(text),
        "campaign": maybe(text),
      ]),
    "Analysis": object(
      [
        "of": string, "object": digest, "pipeline": string, "series": string,
        "models": list(
          object(
            ["name": string, "digest": string],
            optional: ["version": about("Of the model as it was published, where the pipeline changes it.", string)])),
        "made": moment, "predictions": digest,
        "count": count, "frames": count, "corrupt": count, "log": digest, "worker": string, "engine": string,
        "ridley": string,
      ], optional: ["index": digest, "insights": object(["object": digest, "parts": list(string)])]),
    "Rendition": object([
      "of": string, "key": digest, "proxy": about("Lines, and frames a second: 360p@5.", string), "object": digest,
      "bytes": count, "facts": digest, "width": count, "height": count, "frames": count, "made": moment,
    ]),
  ]
}

extension AssetEdit {
  private enum Key: String, CaseIterable { case name, tags, captured, client, brand, campaign }

  /// Reads a change of what is said of an asset: what is not there stays, null takes away.
  ///
  /// Another brand without a campaign leaves the old campaign behind.
  init(json bytes: borrowing RawSpan) throws(Fault) {
    self.init()
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    name = try fields[.name]?.string()
    if let value = fields[.tags] {
      var tags: [String] = []
      for tag in try value.elements() { tags.append(try tag.string()) }
      self.tags = tags
    }
    if let value = fields[.captured] { captured = .some(value.isNull ? nil : try value.moment()) }
    client = try fields[.client]?.string()
    if let value = fields[.brand] { brand = .some(value.isNull ? nil : try value.string()) }
    if let value = fields[.campaign] { campaign = .some(value.isNull ? nil : try value.string()) }
  }
}

extension JSONValue {
  /// A moment in a body, in milliseconds since 1970.
  func moment() throws(Fault) -> Int {
    let text = try string()
    guard let moment = CompositeKey.milliseconds(of: text) ?? UTC.seconds(text).map({ $0 * 1000 }) else {
      throw fault("'\(text.prefix(40))' is no moment, expected e.g. 2026-11-27T08:30:00Z")
    }
    return moment
  }
}
