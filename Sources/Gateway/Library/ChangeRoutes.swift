internal import Access
internal import Base
internal import Items
internal import Library
internal import Web

/// What happens to a client's assets, as pages and as a stream of events.
enum ChangeRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        .get, "/v1/changes", (), .read, nil,
        Operation(
          "listChanges",
          "What happened to a client's assets behind a position; as server-sent events where text/event-stream is accepted",
          answer(json(schema("ChangePage")).with(["text/event-stream": ["schema": string]])),
          parameters: [LibraryQuery.client.documentation, after.documentation], failures: [.notFound]),
        handler: { (context) throws(Failure) in context.body(.small, try context.onLibrary(answer)) })
    ], schemas: schemas)

  static let after = LibraryQuery.word(
    "after", component: "AfterPosition",
    "The position of the last change that was seen, 0 for all that are kept; without it only what comes from now on. Streams take Last-Event-ID too."
  )

  private static func answer(_ call: LibraryCall, _ exchange: Exchange) throws(Failure) {
    let (query, request) = (try call.context.query(), call.context.request)
    let client = try call.client(query)
    let asked = try query(after)
    let named = request.header("last-event-id") ?? asked
    let (position, page) = try call.perform { () throws(Fault) in
      let position: ChangePosition
      if let named { position = ChangePosition(text: named) } else { position = try call.library.lastPosition() }
      // What is wrong with a position is told before a stream begins.
      return (position, try call.library.events(of: client, scope: call.scope, after: position))
    }
    guard request.header("accept")?.lowercased().contains("text/event-stream") ?? false else {
      return exchange.answer(response(page))
    }
    let (keys, caller) = (call.context.gateway.keys, call.caller)
    let (library, scope) = (call.library, call.scope)
    let follower = ChangeFollower(after: position) { (position) throws(Fault) in
      let page = try library.events(of: client, scope: scope, after: position)
      return ChangeFollower.Page(text: page.events.flatMap(text), position: page.position, hasMore: page.hasMore)
    }
    call.desk.feed.add(exchange, follower.head, follower) { keys?.lets(caller, for: .read, at: Clock.date) ?? true }
  }

  private static func text(_ event: AssetEvent) -> [UInt8] {
    Array("id: \(event.position.text)\nevent: \(event.kind.rawValue)\ndata: ".utf8)
      + JSONWriter.object { event.write(into: &$0) } + Array("\n\n".utf8)
  }

  private static func response(_ page: AssetEventPage) -> Response {
    .json(
      JSONWriter.object { json in
        json.array("changes") { json in for event in page.events { json.object { event.write(into: &$0) } } }
        json.field("position", page.position.text)
        json.field("more", page.hasMore)
      })
  }

  private static let schemas: Document = [
    "Change": object([
      "position": string, "time": moment,
      "change": ["type": "string", "enum": .list(AssetEvent.Kind.allCases.map { .text($0.rawValue) })],
      "asset": schema("Asset"),
    ]),
    "ChangePage": object([
      "changes": list(schema("Change")), "position": about("For after: where to go on.", string),
      "more": about("More is there already.", flag),
    ]),
  ]
}
