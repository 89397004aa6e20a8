internal import Base
internal import Catalog
internal import Delivery
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
        })
    ], schemas: [:])

  private static let event = PathParameter(
    "event", component: "LinkedEvent", "An event's id.", pattern: ULID.pattern)
  private static let client = LibraryQuery.word("client", component: "LinkClient", "Whose event it is.")
  private static let expires = QueryParameter.count(
    "expires", component: "LinkExpires", "When the link expires, in seconds since 1970.", in: 0...Int(1e12))
  private static let signature = LibraryQuery.word("signature", component: "LinkSignature", "What makes the link ours.")

  private static func snapshot(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let query = try call.context.query()
    guard let client = try query(client), let expires = try query(expires), let signature = try query(signature) else {
      throw .notFound("there is nothing behind this link, or not any more")
    }
    let jpeg = try call.perform { () throws(Fault) in
      try call.desk.deliveries.picture(id, client: client, expires: expires, signature: signature)
    }
    let headers = [("Content-Type", "image/jpeg"), ("Cache-Control", "private, max-age=300")]
    return Response(200, headers: headers, body: jpeg)
  }
}
