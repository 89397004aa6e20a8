internal import Access
internal import Base
internal import Catalog
internal import JSON
internal import Library
internal import Search
internal import Web

/// Searches that are asked of all that comes in.
enum AlertRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        library: .get, "/v1/search/alerts", for: .read,
        Operation(
          "listAlerts", "Searches that are asked of all that comes in", answer(json(schema("AlertList"))),
          parameters: [LibraryQuery.client.documentation]), answer: list),
      Route(
        library: .post, "/v1/search/alerts", for: .write, body: .small,
        Operation(
          "addAlert", "Has a search asked of all that comes in: of each moment that it finds there is an event `alert`",
          [
            ("200", ["description": "It was there already.", "content": json(schema("AddedAlert"))]),
            ("201", ["description": "Added.", "content": json(schema("AddedAlert"))]),
          ], body: body(json(schema("AlertRequest"))), parameters: [LibraryQuery.client.documentation],
          failures: [.conflict]), answer: add),
      Route(
        library: .delete, "/v1/search/alerts/{alert}", alert, for: .write,
        Operation(
          "removeAlert", "Takes an alert away; what it told stays", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: { (call, name) throws(Failure) in
          let client = try call.client(try call.context.query())
          try call.perform { () throws(Fault) in
            try AlertDesk(call.library).remove(name, client: client, scope: call.scope)
          }
          return Response(204)
        }),
    ], schemas: schemas)

  private static let alert = PathParameter(
    "alert", component: "AlertName", "An alert's name.", pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let alerts = try call.perform { () throws(Fault) in
      try AlertDesk(call.library).alerts(of: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object { json in json.array("alerts") { json in for one in alerts { json.object(one.write) } } })
  }

  private enum Key: String, CaseIterable { case name, query, timeZone }

  private static func add(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let added = try call.perform { () throws(Fault) in
      let (name, query, zone) = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
        return (
          try fields.required(.name).string(), try fields.required(.query).string(),
          try fields.given(.timeZone)?.string()
        )
      }
      return try AlertDesk(call.library).add(name, query: query, zone: zone, client: client, scope: call.scope)
    }
    return .json(JSONWriter.object(added.write), status: added.isNew ? 201 : 200)
  }

  private static let facts: KeyValuePairs<String, Document> = [
    "alert": ["type": "string", "pattern": .text(ULID.pattern)], "name": string, "owner": string, "query": string,
    "since": about("What ended before is not told.", moment),
  ]

  private static let schemas: Document = [
    "AlertRequest": object(
      ["name": string, "query": about("What is searched for; see docs/search.md.", string)],
      optional: ["timeZone": about("Whose times are meant; UTC where it is left away.", string)]),
    "Alert": object(facts, optional: ["timeZone": string]),
    "AddedAlert": object(
      facts,
      optional: [
        "timeZone": string,
        "notes": about("What it asks that no moment can be, and what may have been meant.", list(string)),
      ]),
    "AlertList": object(["alerts": list(schema("Alert"))]),
  ]
}
