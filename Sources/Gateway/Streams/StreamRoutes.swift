internal import Access
internal import Base
internal import Catalog
internal import Drift
internal import Execution
internal import Items
internal import JSON
internal import Predictions
internal import Streams
internal import Web

/// Live streams over HTTP: adding, changing and removing them, how they are, and what is seen as it is seen.
enum StreamRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        .get, "/v1/streams", for: .read,
        Operation(
          "listStreams", "Every live stream, by name, with where it stands", answer(json(list(schema("Stream")))),
          parameters: [LibraryQuery.client.documentation]), answer: list),
      Route(
        .put, "/v1/streams/{stream}", stream, for: .write, body: .small, on: .control,
        Operation(
          "putStream", "Adds a live stream, or puts another source, pipeline or budget into its place",
          [
            ("200", ["description": "Changed, or the same as before.", "content": json(schema("Stream"))]),
            ("201", ["description": "Added.", "content": json(schema("Stream"))]),
          ], body: body(json(schema("StreamRequest"))), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]), answer: put),
      Route(
        .get, "/v1/streams/{stream}", stream, for: .read,
        Operation(
          "getStream", "Where a live stream stands", answer(json(schema("Stream"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: show),
      Route(
        .delete, "/v1/streams/{stream}", stream, for: .write, body: .small, on: .control,
        Operation(
          "deleteStream", "Stops watching a live stream", done(204), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]), answer: delete),
      Route(
        .get, "/v1/streams/{stream}/predictions", stream, .read, nil,
        Operation(
          "followStream",
          "What is seen in a live stream, an event for each picture that was looked at in time, and `ended` behind the last of a film; a client that is slow gets fewer",
          answer(["text/event-stream": ["schema": string]]), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]),
        handler: { (context, name) throws(Failure) in
          context.body(
            .small, BodyWork { (_, exchange) throws(Failure) in try follow(context, exchange, name) })
        }),
    ], schemas: schemas)

  static let stream = PathParameter(
    "stream", component: "StreamName", "A live stream's name.", pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")

  /// One that has recordings or events here, perhaps without being one of this server's; a slash in a name would part the path.
  static let recorded = PathParameter(
    "stream", component: "RecordedStreamName", "A live stream's name, or that of a node's as NODE:STREAM.",
    schema: ["type": "string", "pattern": "^([a-z0-9][a-z0-9._-]{0,62}:)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"]
  ) { text in
    let colon = UInt8(ascii: ":")
    return String(decoding: text.utf8.map { $0 == colon ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }

  static func client(_ context: RequestContext) throws(Failure) -> String {
    try context.query()(LibraryQuery.client) ?? context.caller.client
  }

  private static func list(_ context: RequestContext) throws(Failure) -> Response {
    let wanted = try context.query()(LibraryQuery.client)
    let views = context.gateway.streams.list(scope: context.libraryScope)
    return .json(
      JSONWriter.array { json in
        for view in views where wanted.map({ $0.hasSameBytes(as: view.client) }) ?? true {
          json.object { write(view, into: &$0) }
        }
      })
  }

  private static func show(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    .json(JSONWriter.object { [view = try view(context, name)] in write(view, into: &$0) })
  }

  private static func view(_ context: RequestContext, _ name: String) throws(Failure) -> StreamDesk.View {
    let client = try client(context)
    do throws(Fault) {
      return try context.gateway.streams.view(name, scope: context.libraryScope, client: client)
    } catch {
      throw Failure(error)
    }
  }

  private static func put(_ context: RequestContext, _ body: Body, _ name: String) throws(Failure) -> Response {
    let client = try client(context)
    do throws(Fault) {
      let draft = try body.withBytes { (bytes) throws(Fault) in
        try StreamDesk.Draft(JSONDocument(parsing: copy bytes, name: "the body").root)
      }
      guard context.libraryScope.covers(client) else {
        throw Fault(.denied, "a stream is added for one's own client alone")
      }
      let isOwner = context.caller.key == nil || context.caller.scopes.allow(.admin)
      let isNew = try context.gateway.streams.put(name, draft, client: client, isOwner: isOwner)
      let view = try context.gateway.streams.view(name, scope: context.libraryScope, client: client)
      return .json(JSONWriter.object { write(view, into: &$0) }, status: isNew ? 201 : 200)
    } catch { throw Failure(error) }
  }

  private static func delete(_ context: RequestContext, _ body: Body, _ name: String) throws(Failure) -> Response {
    let client = try client(context)
    do throws(Fault) {
      try context.gateway.streams.remove(name, scope: context.libraryScope, client: client)
      return Response(204)
    } catch { throw Failure(error) }
  }

  private static func follow(_ context: RequestContext, _ exchange: Exchange, _ name: String) throws(Failure) {
    let (client, keys, caller) = (try client(context), context.gateway.keys, context.caller)
    _ = try view(context, name)
    let answers = exchange.stream(.events(Array(": watching\n\n".utf8)))
    let listener = StreamDesk.Listener(
      // Dropped where earlier bytes still wait: what is late is worth nothing.
      hear: { _ = answers.offer(event($0, $1)) },
      isThere: {
        _ = answers.offer(Array(": still here\n\n".utf8))
        return !answers.isGone && keys?.lets(caller, for: .read, at: Clock.date) ?? true
      },
      end: { isOver in
        if isOver { _ = answers.push(Feed.ended, most: 1 << 20) }
        answers.end()
      })
    do throws(Fault) {
      try context.gateway.streams.listen(to: name, scope: context.libraryScope, client: client, listener)
    } catch {
      answers.end()
    }
  }

  private static func event(_ result: LiveStream.Result, _ pipeline: LoadedPipeline) -> [UInt8] {
    let json = JSONWriter.object(capacity: 1024) { json in
      json.field("frame", result.index)
      json.field("pts", ifKnown: result.pts)
      json.field("time", result.time, digits: 6)
      json.field("captured", result.captured, digits: 6)
      json.field("shown", result.shown, digits: 6)
      json.field("age_ms", result.age, digits: 1)
      json.field("width", result.size.width)
      json.field("height", result.size.height)
      json.array("predictions") { json in
        for prediction in result.predictions {
          PredictionJSON.write(prediction, at: nil, model: pipeline.models[prediction.step].identity, into: &json)
        }
      }
    }
    return Array("event: frame\ndata: ".utf8) + json + Array("\n\n".utf8)
  }

  private static func write(_ view: StreamDesk.View, into json: inout JSONWriter) {
    json.field("name", view.name)
    json.field("owner", view.client)
    view.draft.write(into: &json)
    view.figures.write(into: &json)
    json.field("viewers", view.viewers.now)
    json.field("viewers_let_go", view.viewers.letGo)
    if let drift = view.drift { json.field("drift", drift.standing.rawValue) }
    if let recording = view.recording { json.object("recording", recording.write) }
  }

  private static let clips = object(
    [:],
    optional: [
      "before_ms": about("That are in it before the event; 5000 where it is not said.", amount),
      "after_ms": about("Behind the event; 5000 where it is not said.", amount),
      "most_ms": about("How long one is at most; 60000 where it is not said.", amount),
      "keep_s": about("For how long clips are kept.", amount),
      "most_bytes": about("So many bytes of clips are kept at most.", count),
    ])
  private static let record = object(
    [:],
    optional: [
      "segment_s": about("After which another segment begins; 300 where it is not said.", amount),
      "keep_s": about("For how long segments are kept.", amount),
      "most_bytes": about("So many bytes of segments are kept at most.", count),
    ])
  private static let recording = object(
    [
      "continuous": about("All that comes is recorded, and not clips alone.", flag),
      "open": about("Files that are being written.", count),
      "waiting": about("Files that are yet to be made assets.", count),
      "clips": about("That were kept.", count), "segments": about("That were kept.", count),
      "bytes": about("That were written.", count),
      "lost": about("Pictures that should have been written and were not.", count),
      "failed": about("Files that came to nothing.", count),
      "stopped": about("Nothing is recorded now, for the reason.", flag),
    ],
    optional: ["reason": about("Why something was lost last.", string), "at": amount])

  private static let schemas: Document = [
    "StreamRequest": object(
      [
        "source": about(
          "An address of rtsp, rtspu, rtsps, http, https, rtmp, rtmps or udp, such as rtsp://user:password@host/path, a camera at the server such as v4l2:///dev/video0, or the path of a film in a folder that the server allows.",
          string)
      ],
      optional: [
        "view": about("A second address of the same camera, whose picture people are shown.", string),
        "pipeline": about("A pipeline of the server; this, or a model, or neither: then it is only shown.", string),
        "model": about("A model of the server.", string),
        "budget_ms": about("How old an answer may be when it is told.", amount),
        "rate": about("Answers a second that are enough; else as many as the pipeline wants.", amount),
        "clips": about("Clips of its events are kept: true, or how they are cut.", ["oneOf": [flag, clips]]),
        "record": about("All that comes of it is recorded: true, or how.", ["oneOf": [flag, record]]),
        "force": about(
          "Added though the machine is too small for it; all streams are then looked at less often.", flag),
        "weight": about("Its share of the networks beside other streams.", amount),
      ]),
    "Stream": object(
      [
        "name": string, "owner": string, "source": about("Without user and password.", string),
        "budget_ms": amount, "weight": amount,
        "state": ["type": "string", "enum": .list(StreamState.allCases.map { .text($0.rawValue) })],
        "since": about("When the state began, in seconds since 1970.", amount), "codec": string, "width": count,
        "height": count, "received": about("Pictures that came.", count), "decoded": count,
        "thrift": [
          "type": "string", "enum": .list(StreamFigures.Thrift.allCases.map { .text($0.rawValue) }),
          "description": "What the decoder passes over to save work.",
        ], "processor_seconds": about("Of receiving and decoding.", amount),
        "delivered": about("Pictures whose predictions were told in time.", count),
        "drops": about(
          "Pictures that were not looked at, or whose predictions were not told, by the reason.",
          ["type": "object", "additionalProperties": count]),
        "in_flight": count, "incomplete": about("Pictures that parts were missing of.", count), "lost_packets": count,
        "jumps": about("How often the source's times jumped.", count),
        "connections": about("How often the source was connected to.", count),
        "age_ms": about(
          "Age of answers when they were told: half of them, 95 % and 99 % were this old at most.",
          object([:], optional: ["p50": count, "p95": count, "p99": count])),
        "viewers": about("Clients that look at its picture now.", count),
        "viewers_let_go": about("Clients that did not keep up with its picture.", count),
        "events": about(
          "What of its events was not kept: because their rule began too many, or because they could not be written; why, the last time, and when in seconds since 1970.",
          object(
            ["withheld": count, "lost": count, "pictures_lost": count], optional: ["reason": string, "at": amount])
        ),
        "gaps": about(
          "The latest times without pictures, in seconds since 1970.",
          list(object(["from": amount, "reason": string], optional: ["to": amount]))),
      ],
      optional: [
        "drift": about(
          "Whether it is as it was, where that is watched: `outside` where anything has left its reference.",
          ["type": "string", "enum": .list(DriftState.Standing.allCases.map { .text($0.rawValue) })]),
        "pipeline": string, "model": string, "rate": amount, "view": about("Without user and password.", string),
        "clips": clips, "record": record, "recording": recording,
        "view_source": about(
          "Where the second address stands.",
          object(
            ["state": ["type": "string", "enum": .list(StreamState.allCases.map { .text($0.rawValue) })]],
            optional: ["reason": string])), "reason": about("Why it is not live.", string),
        "zones": about(
          "What zones counted.",
          list(
            object([
              "zone": string, "now": count, "most": count, "visits": count, "longest": amount, "total": amount,
            ]))),
        "lines": about(
          "What lines counted, by direction.",
          list(
            object([
              "line": string, "in": count, "out": count,
              "labels": ["type": "object", "additionalProperties": object(["in": count, "out": count])],
            ]))),
        "rules": about("Events of each rule.", list(object(["rule": string, "events": count, "open": flag]))),
        "clock_offset_ms": about(
          "Milliseconds by which the source's own clock is ahead of the server's, where it tells the time.",
          ["type": "integer"]),
      ]),
  ]
}
