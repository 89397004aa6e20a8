internal import Access
internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Web

/// Times of streams whose recordings are not removed by any rule.
enum HoldRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        library: .get, "/v1/streams/{stream}/holds", StreamRoutes.stream, for: .read,
        Operation(
          "listHolds", "Times of a stream whose recordings are held", answer(json(schema("HoldList"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: list),
      Route(
        library: .post, "/v1/streams/{stream}/holds", StreamRoutes.stream, for: .write, body: .small,
        Operation(
          "addHold",
          "Holds what was recorded of a stream in a time, and what will be: no rule of keeping removes it, and with a label what has to do with events of that label",
          [("201", ["description": "Held.", "content": json(schema("Hold"))])], body: body(json(schema("HoldRequest"))),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: add),
      Route(
        library: .delete, "/v1/streams/{stream}/holds/{hold}", StreamRoutes.stream, hold, for: .write,
        Operation(
          "deleteHold", "Takes a hold away: the rules of keeping count again", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: delete),
    ], schemas: schemas)

  private static let hold = PathParameter("hold", component: "HoldID", "A hold's id.", pattern: ULID.pattern)

  private static func list(_ call: LibraryCall, _ stream: String) throws(Failure) -> Response {
    try check(stream)
    let client = try call.client(try call.context.query())
    let holds = try call.perform { () throws(Fault) in
      try call.library.holds(of: stream, client: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object { json in
        json.array("holds") { json in for hold in holds { json.object { hold.write(into: &$0) } } }
      })
  }

  /// Streams that were removed have holds too; what is no name never was one.
  private static func check(_ stream: String) throws(Failure) {
    guard PlainName.isValid(stream) else { throw .notFound("there is no stream '\(stream.prefix(64))'") }
  }

  private enum Key: String, CaseIterable { case from, to, label, reason }

  private static func add(_ call: LibraryCall, _ stream: String) throws(Failure) -> Response {
    try check(stream)
    let client = try call.client(try call.context.query())
    let hold = try call.perform { () throws(Fault) -> RecordingHold in
      guard call.scope.covers(client) else { throw Fault(.denied, "a stream is held for one's own client alone") }
      let hold = try call.body.withBytes { (bytes) throws(Fault) in
        try read(JSONDocument(parsing: copy bytes, name: "the body").root, client, stream, call)
      }
      try call.library.hold(hold)
      return hold
    }
    return .json(JSONWriter.object { hold.write(into: &$0) }, status: 201)
  }

  private static func read(
    _ value: JSONValue, _ client: String, _ stream: String, _ call: LibraryCall
  ) throws(Fault) -> RecordingHold {
    let fields = try value.fields(Key.self)
    var random = SystemRandomNumberGenerator()
    var hold = RecordingHold(
      id: ULID(milliseconds: call.library.now, using: &random), client: client, stream: stream,
      from: try fields.required(.from).moment(), to: try fields.required(.to).moment(),
      by: call.caller.name, made: call.library.now)
    (hold.label, hold.reason) = (try fields[.label]?.string(), try fields[.reason]?.string())
    guard hold.reason?.utf8.count ?? 0 <= 1000 else { throw Fault(.badInput, "a reason has at most 1000 bytes") }
    return hold
  }

  private static func delete(_ call: LibraryCall, _ stream: String, _ id: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    try call.perform { () throws(Fault) in
      try call.library.release(id, of: stream, client: client, scope: call.scope)
    }
    return Response(204)
  }

  private static let words: KeyValuePairs<String, Document> = [
    "label": about("Only what has to do with events of this label.", string),
    "reason": about("Why.", string),
  ]
  private static let schemas: Document = [
    "Hold": object(
      [
        "hold": ["type": "string", "pattern": .text(ULID.pattern)], "owner": string, "stream": string, "from": moment,
        "to": moment, "by": about("The id of a key, or owner.", string), "made": moment,
      ], optional: words),
    "HoldRequest": object(["from": moment, "to": moment], optional: words),
    "HoldList": object(["holds": list(schema("Hold"))]),
  ]
}
