internal import Base
internal import Catalog
internal import Delivery
internal import Library
internal import Web

/// What links in notices show: to whoever has the link, without a key, until it expires.
enum LinkRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Delivery",
    routes: [
      Route(
        .get, "/v1/links/{event}/snapshot", event, nil, nil,
        Operation(
          "getLinkedSnapshot", "The picture that a link in a notice shows, to whoever has the link, until it expires",
          answer(["image/jpeg": bytes("image/jpeg")]),
          parameters: [client.documentation, expires.documentation, signature.documentation], failures: [.notFound]),
        handler: { (context, id) throws(Failure) in
          context.body(
            .small,
            try context.onLibrary { (call, exchange) throws(Failure) in exchange.answer(try snapshot(call, id)) })
        }),
      Route(
        .get, "/v1/links/{event}/clip", event, nil, nil,
        Operation(
          "getLinkedClip",
          "The clip that a link in a notice shows, or a range of it; before it is finished 404 with Retry-After",
          answer(["video/mp4": bytes("video/mp4")])
            + [("206", ["description": "A range.", "content": ["video/mp4": bytes("video/mp4")]])] + AssetRoutes.same,
          parameters: [client.documentation, expires.documentation, signature.documentation],
          failures: [.notFound, .changed, .badRange]),
        handler: { (context, id) throws(Failure) in
          context.body(
            .small, try context.onLibrary { (call, exchange) throws(Failure) in exchange.answer(try clip(call, id)) })
        }),
    ], schemas: [:])

  private static let event = PathParameter(
    "event", component: "LinkedEvent", "An event's id.", pattern: ULID.pattern)
  private static let client = LibraryQuery.word("client", component: "LinkClient", "Whose event it is.")
  private static let expires = QueryParameter.count(
    "expires", component: "LinkExpires", "When the link expires, in seconds since 1970.", in: 0...Int(1e12))
  private static let signature = LibraryQuery.word("signature", component: "LinkSignature", "What makes the link ours.")

  /// The event that a link names, where it holds.
  private static func find(_ call: LibraryCall, _ id: String, _ part: LinkSigner.Part) throws(Failure) -> StreamEvent {
    let query = try call.context.query()
    guard let client = try query(client), let expires = try query(expires), let signature = try query(signature) else {
      throw Failure(DeliveryDesk.noLink)
    }
    return try call.perform { () throws(Fault) in
      try call.desk.deliveries.event(id, part, client: client, expires: expires, signature: signature)
    }
  }

  /// Milliseconds behind an event's end in which its clip may still come, and seconds after which to ask for it again.
  private static let (patience, pause) = (600_000, 5.0)

  private static func clip(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let event = try find(call, id, .clip)
    let clip = try call.perform { () throws(Fault) in try call.library.clip(of: event.id, client: event.client) }
    if let clip { return try AssetRoutes.content(of: clip, call) }
    guard event.keepsClip, event.state == .open || call.library.now < event.to + patience else {
      throw .notFound("the event has no clip: none could be kept, or it was removed")
    }
    throw Failure(404, Fault(.notFound, "the clip is not finished yet: ask again"), retryAfter: pause)
  }

  private static func snapshot(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    guard let digest = try find(call, id, .snapshot).snapshot else { throw Failure(DeliveryDesk.noLink) }
    let jpeg = try call.picture(digest, of: id)
    let headers = [("Content-Type", "image/jpeg"), ("Cache-Control", "private, max-age=300")]
    return Response(200, headers: headers, body: jpeg)
  }
}
