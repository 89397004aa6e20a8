internal import Access
internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Predictions
internal import Streams
internal import Web

/// What happened in live streams, and what happens.
enum EventRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        library: .get, "/v1/events", for: .read,
        Operation(
          "listEvents", "Events of live streams, the newest first; of streams that were removed too",
          answer(json(schema("EventPage"))),
          parameters: [
            LibraryQuery.client.documentation, stream.documentation, label.documentation, zone.documentation,
            kind.documentation, from.documentation, to.documentation, LibraryQuery.limit.documentation,
            LibraryQuery.after.documentation,
          ]), answer: list),
      Route(
        library: .get, "/v1/events/{event}", event, for: .read,
        Operation(
          "getEvent", "An event of a live stream", answer(json(schema("StreamEvent"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: show),
      Route(
        library: .get, "/v1/events/{event}/snapshot", event, for: .read,
        Operation(
          "getSnapshot", "The picture of an event's best moment, at most 640 pixels wide",
          answer(["image/jpeg": bytes("image/jpeg")]), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]), answer: snapshot),
      Route(
        library: .get, "/v1/events/{event}/clip", event, for: .read,
        Operation(
          "getClip", "The clip of an event, as MP4, or a range of it",
          answer(["video/mp4": bytes("video/mp4")])
            + [("206", ["description": "A range.", "content": ["video/mp4": bytes("video/mp4")]])] + AssetRoutes.same,
          parameters: [LibraryQuery.client.documentation], failures: [.notFound, .changed, .badRange]), answer: clip),
      Route(
        .get, "/v1/streams/{stream}/events", StreamRoutes.recorded, .read, nil,
        Operation(
          "followEvents",
          "What happens in a live stream, as server-sent events that go on where they ended, and `ended` behind the last of a film",
          answer(["text/event-stream": ["schema": string]]),
          parameters: [LibraryQuery.client.documentation, ChangeRoutes.after.documentation], failures: [.notFound]),
        handler: { (context, name) throws(Failure) in
          context.body(
            .small,
            try context.onLibrary { (call, exchange) throws(Failure) in try follow(call, exchange, name) })
        }),
    ], schemas: schemas)

  private static let event = PathParameter("event", component: "EventID", "An event's id.", pattern: ULID.pattern)
  private static let stream = LibraryQuery.word("stream", component: "EventStream", "Only of this stream.")
  private static let label = LibraryQuery.word("label", component: "EventLabel", "Only with this label.")
  private static let zone = LibraryQuery.word("zone", component: "EventZone", "Only in this zone.")
  private static let kind = LibraryQuery.choice(
    "kind", component: "EventKind",
    "Only what rules saw, what the server lacked, what alerts found, or what is not as it was.",
    StreamEvent.Kind.allCases.map(\.rawValue))
  private static let from = LibraryQuery.moment(
    "from", component: "EventFrom", "Only what began at this moment or later.")
  private static let to = LibraryQuery.moment("to", component: "EventTo", "Only what began at this moment or earlier.")

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    var filter = EventFilter(client: try call.client(query))
    (filter.stream, filter.label, filter.zone) = (try query(stream), try query(label), try query(zone))
    filter.kind = try query(kind).flatMap { StreamEvent.Kind(rawValue: $0) }
    let (first, last) = (try query(from) ?? 0, try query(to) ?? EventFilter.end)
    guard first <= last else { throw Failure(Fault(.badInput, "from lies behind to")) }
    filter.range = first...last
    let (limit, token) = (try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query))
    let page = try call.perform { [filter] () throws(Fault) in
      try call.library.events(filter, scope: call.scope, limit: limit, after: token)
    }
    var clips: [Asset?] = []
    for event in page.elements { clips.append(try clip(of: event, call)) }
    return .json(
      JSONWriter.object(capacity: 1 << 14) { [clips] json in
        json.array("events") { json in
          for (event, clip) in zip(page.elements, clips) {
            json.object { json in
              event.write(into: &json)
              if let clip { json.object("clip") { write(clip, into: &$0) } }
            }
          }
        }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static func write(_ clip: Asset, into json: inout JSONWriter) {
    json.field("asset", clip.id.text)
    if let recording = clip.recording {
      json.field("from", CompositeKey.time(milliseconds: recording.from))
      json.field("to", CompositeKey.time(milliseconds: recording.to))
    }
    json.field("bytes", clip.byteCount)
  }

  private static func clip(of event: StreamEvent, _ call: LibraryCall) throws(Failure) -> Asset? {
    try call.perform { () throws(Fault) in try call.library.clip(of: event.id, client: event.client) }
  }

  private static func clip(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    guard let asset = try clip(of: try find(call, id), call) else {
      throw .notFound("the event '\(id)' has no clip: none was kept, it was removed, or it is not finished yet")
    }
    return try AssetRoutes.content(of: asset, call)
  }

  private static func find(_ call: LibraryCall, _ id: String) throws(Failure) -> StreamEvent {
    let client = try call.client(try call.context.query())
    return try call.perform { () throws(Fault) in try call.library.event(id, client: client, scope: call.scope) }
  }

  private static func show(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let event = try find(call, id)
    let clip = try clip(of: event, call)
    return .json(
      JSONWriter.object { json in
        event.write(into: &json)
        if let clip { json.object("clip") { write(clip, into: &$0) } }
      })
  }

  private static func snapshot(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    guard let digest = try find(call, id).snapshot else { throw .notFound("the event '\(id)' has no picture") }
    let jpeg = try call.picture(digest, of: id)
    return call.answer(jpeg, "image/jpeg", tag: String(digest.prefix(32)))
  }

  /// A stream that was removed can be followed too, as far as it has events.
  private static func follow(_ call: LibraryCall, _ exchange: Exchange, _ name: String) throws(Failure) {
    let (query, request, library, scope) = (
      try call.context.query(), call.context.request, call.library, call.scope
    )
    let (client, asked) = (try call.client(query), try query(ChangeRoutes.after))
    let named = request.header("last-event-id") ?? asked
    let position = try call.perform { () throws(Fault) -> ChangePosition in
      do throws(Fault) { _ = try call.context.gateway.streams.view(name, scope: scope, client: client) } catch {
        var filter = EventFilter(client: client)
        filter.stream = name
        let known = try library.events(filter, scope: scope, limit: 1, after: nil)
        if known.elements.isEmpty { throw error }
      }
      guard let named else { return try library.lastPosition() }
      let position = ChangePosition(text: named)
      // What is wrong with a position is told before the stream begins.
      _ = try library.eventChanges(of: client, stream: name, scope: scope, after: position)
      return position
    }
    let (keys, caller, streams) = (call.context.gateway.keys, call.caller, call.context.gateway.streams)
    let follower = ChangeFollower(after: position, isOver: { streams.isOver(name, client: client) }) {
      (position) throws(Fault) in
      let page = try library.eventChanges(of: client, stream: name, scope: scope, after: position)
      return ChangeFollower.Page(text: page.changes.flatMap(text), position: page.position, hasMore: page.hasMore)
    }
    call.desk.feed.add(exchange, follower.head, follower) { keys?.lets(caller, for: .read, at: Clock.date) ?? true }
  }

  private static func text(_ change: StreamEventChange) -> [UInt8] {
    let name = change.event.state == .over ? "end" : change.isNew ? "start" : "update"
    return Array("id: \(change.position.text)\nevent: \(name)\ndata: ".utf8)
      + JSONWriter.object(change.event.write) + Array("\n\n".utf8)
  }

  private static let schemas: Document = [
    "StreamEvent": object(
      [
        "event": ["type": "string", "pattern": .text(ULID.pattern)], "owner": string, "stream": string,
        "rule": string,
        "state": ["type": "string", "enum": .list(StreamEvent.State.allCases.map { .text($0.rawValue) })],
        "from": moment, "to": about("The last picture in which it was so.", moment), "updated": moment,
        "count": about("Most objects at a time; crossings, where it is about a line.", count),
        "tracks": list(count), "best": about("The moment of the highest score.", moment), "pipeline": string,
      ],
      optional: [
        "zone": string, "line": string,
        "direction": ["type": "string", "enum": .list(Direction.allCases.map { .text($0.rawValue) })],
        "label": string, "score": number, "box": about("Left, top, width, height, as fractions.", list(number)),
        "reason": about(
          "Why it is over.",
          ["type": "string", "enum": .list(Event.Ending.allCases.map { .text($0.rawValue) })]),
        "snapshot": about("SHA-256 of its picture.", string),
        "clip": about(
          "Its film, once that is finished: which asset it is, and from when to when it is.",
          object(["asset": string, "from": moment, "to": moment, "bytes": count])),
        "kind": about(
          "`health` of what the server lacks, with `problem`; `alert` of what an alert found, whose name is the rule; `drift` of a stream that is not as it was, with `problem`; left out of what rules see.",
          string),
        "problem": string,
        "clips": about(
          "`true` where the stream kept clips as it began: there is one, or will be a moment behind its end.", flag),
        "about": about("What an alert found: a stream's event, or a film's moment.", string),
        "asset": about("Of an alert on a film: which asset.", string),
        "offset": about("Where in it, in milliseconds from its beginning.", count),
      ]),
    "EventPage": object(["events": list(schema("StreamEvent"))], optional: ["next": string]),
  ]
}
