internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Search
internal import Web

/// What links to searches show: to whoever has the link, without a key, until it expires or is revoked.
enum SharedRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        .get, "/v1/shared/{token}", token, nil, nil,
        Operation(
          "searchShared", "Moments that a link's search finds now, the newest first: of each what the link shows",
          answer(json(schema("SharedPage"))),
          parameters: [LibraryQuery.limit.documentation, LibraryQuery.after.documentation], failures: [.notFound]),
        handler: { (context, token) throws(Failure) in
          context.body(
            .small,
            try context.onLibrary { (call, exchange) throws(Failure) in exchange.answer(try search(call, token)) })
        }),
      Route(
        .get, "/v1/shared/{token}/events", token, nil, nil,
        Operation(
          "followShared",
          "What a link's search finds in live streams, as it ends, as server-sent events `found`; it ends as the link does",
          answer(["text/event-stream": ["schema": string]]), failures: [.notFound]),
        handler: { (context, token) throws(Failure) in
          context.body(
            .small,
            try context.onLibrary { (call, exchange) throws(Failure) in try follow(call, exchange, token) })
        }),
    ], schemas: schemas)

  private static let token = PathParameter(
    "token", component: "ShareToken", "A link's token.", pattern: "^[A-Za-z0-9_-]{43}$")

  private static func search(_ call: LibraryCall, _ token: String) throws(Failure) -> Response {
    let query = try call.context.query()
    let (limit, place) = (try query(LibraryQuery.limit) ?? 50, try query(LibraryQuery.after))
    let answer = try call.perform { () throws(Fault) in
      try ShareDesk(call.library).search(token, limit: limit, after: place, from: call.context.request.peer)
    }
    let headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Response(200, headers: headers, body: JSONWriter.object(capacity: 1 << 14, answer.write))
  }

  private static func follow(_ call: LibraryCall, _ exchange: Exchange, _ token: String) throws(Failure) {
    _ = try call.context.query()
    let desk = ShareDesk(call.library)
    let listener = try call.perform { () throws(Fault) in
      try desk.listen(token, from: call.context.request.peer)
    }
    // Each time that something could be told the link must still hold.
    call.desk.feed.add(exchange, SharedFollower.head, SharedFollower(desk, listener)) { desk.holds(token) }
  }

  private static let schemas: Document = [
    "SharedMoment": object(
      [:],
      optional: [
        "moment": string, "asset": string, "stream": string, "series": string,
        "kind": ["type": "string", "enum": .list(Moment.Kind.allCases.map { .text($0.rawValue) })], "from": moment,
        "to": moment, "offset": count, "label": string, "score": number, "track": count, "traits": list(string),
        "zone": string, "rule": string, "text": string, "best": moment, "box": list(number), "snapshot": string,
        "open": flag,
      ]),
    "SharedPage": object(
      [
        "found": about(
          "The newest first. Each is one moment, or, where several are asked for, one of each step in their order.",
          list(list(schema("SharedMoment")))), "asOf": about("What was written up to this moment is found.", moment),
      ],
      optional: [
        "next": about("There may be more: ask again with after.", string),
        "incomplete": about("Something may be missing; whoever gave the link can see what.", flag),
      ]),
  ]
}
