internal import Access
internal import Base
internal import Catalog
internal import JSON
internal import Jobs
internal import Serving
internal import Web

/// Triggers over HTTP: pipelines that are started by themselves.
///
/// Those on folders and buckets are made at the machine's command line alone: a folder of it is named in them, or a bucket that it has the credentials for.
enum TriggerRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        library: .get, "/v1/triggers", for: .read,
        Operation(
          "listTriggers", "Triggers, the oldest first", answer(json(schema("TriggerList"))),
          parameters: [LibraryQuery.client.documentation]), answer: list),
      Route(
        library: .post, "/v1/triggers", for: .write, body: .small, isSlow: true,
        Operation(
          "addTrigger", "Has a pipeline started by itself; one that does the same is made once",
          [("201", ["description": "Made, or made before.", "content": json(schema("Trigger"))])],
          body: body(json(schema("TriggerRequest"))), failures: [.notFound]), answer: add),
      Route(
        library: .delete, "/v1/triggers/{trigger}", trigger, for: .write,
        Operation(
          "removeTrigger", "Takes a trigger away; the jobs that it has started go on", done(204),
          failures: [.notFound]),
        answer: { (call, id) throws(Failure) in
          try call.perform { () throws(Fault) in try TriggerDesk(call.desk.jobs).remove(id, scope: call.scope) }
          return Response(204)
        }),
    ], schemas: schemas)

  private static let trigger = PathParameter(
    "trigger", component: "TriggerID", "A trigger's id.", pattern: ULID.pattern)

  /// What can be waited for over HTTP.
  private enum Event: String, CaseIterable { case asset, model }

  private static func choice<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> Document {
    ["type": "string", "enum": .list(type.allCases.map { .text($0.rawValue) })]
  }

  private static let schemas: Document = [
    "TriggerRequest": object(
      [
        "on": about("A new asset, or a new version of one of the pipeline's models.", choice(Event.self)),
        "pipeline": about("The name of one of this server's pipelines.", string),
      ],
      optional: [
        "client": string, "brand": string, "campaign": string, "tags": list(string),
        "kind": choice(AssetSelection.Kind.self), "priority": choice(Job.Priority.self),
      ]),
    "Trigger": object(
      [
        "trigger": ["type": "string", "pattern": .text(ULID.pattern)], "owner": string,
        "since": moment, "on": choice(Trigger.Event.self), "tags": list(string),
        "priority": choice(Job.Priority.self), "paused": flag, "jobs": about("Jobs that it has started.", count),
        "pipeline": object(["series": string, "digest": string, "models": list(string)]),
      ],
      optional: [
        "brand": string, "campaign": string, "kind": choice(AssetSelection.Kind.self),
        "folder": about("The folder that is watched, or the part of a bucket: `s3://BUCKET/PREFIX`.", string),
        "last": about("The last job that it has started.", ["type": "string", "pattern": .text(ULID.pattern)]),
      ]),
    "TriggerList": object(["triggers": list(schema("Trigger"))]),
  ]

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let triggers = try call.perform { () throws(Fault) in
      try TriggerDesk(call.desk.jobs).list(client: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object { json in
        json.array("triggers") { json in for trigger in triggers { json.object { write(trigger, into: &$0) } } }
      })
  }

  private enum Key: String, CaseIterable { case on, pipeline, client, brand, campaign, tags, kind, priority, folder }

  private static func add(_ call: LibraryCall) throws(Failure) -> Response {
    let usual = try call.client(try call.context.query())
    let trigger = try call.perform { () throws(Fault) -> Trigger in
      let request = try call.body.withBytes { (bytes) throws(Fault) -> TriggerRequest in
        try Self.request(bytes, client: usual, call.context.models)
      }
      return try TriggerDesk(call.desk.jobs).add(request, scope: call.scope).trigger
    }
    let headers = [("Content-Type", "application/json"), ("Location", "/v1/triggers/\(trigger.id)")]
    return Response(201, headers: headers, body: JSONWriter.object { write(trigger, into: &$0) })
  }

  private static func request(
    _ bytes: borrowing RawSpan, client: String, _ models: ModelRepository
  ) throws(Fault) -> TriggerRequest {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    let on = try fields.required(.on)
    let isOnFolder = try on.string() == Trigger.Event.folder.rawValue
    if isOnFolder || fields[.folder] != nil {
      throw on.fault(
        "folders and buckets are watched for who is at the server's machine alone: 'ridley trigger add --on folder' there"
      )
    }
    let event: Event = try on.choice()
    let group = AssetGroup(
      client: try fields[.client]?.string() ?? client, brand: try fields[.brand]?.string(),
      campaign: try fields[.campaign]?.string())
    let pinned = try JobAsk.pin(try fields.required(.pipeline).string(), models)
    var request = TriggerRequest(event == .asset ? .asset : .model, group: group, pipeline: pinned)
    if let value = fields[.tags] { for tag in try value.elements() { request.tags.append(try tag.string()) } }
    if let value = fields[.kind] {
      let kind: AssetSelection.Kind = try value.choice()
      request.isPicture = kind == .picture
    }
    if let value = fields[.priority] { request.priority = try value.choice() }
    return request
  }

  private static func write(_ trigger: Trigger, into json: inout JSONWriter) {
    trigger.write(into: &json)
    json.object("pipeline") { json in
      json.field("series", trigger.pipeline.series)
      json.field("digest", trigger.pipeline.digest)
      json.field("models", trigger.pipeline.models)
    }
  }
}
