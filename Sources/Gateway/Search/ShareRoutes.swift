internal import Access
internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Search
internal import Web

/// Links to searches, for those whose moments they show; what they show is in ``SharedRoutes``.
enum ShareRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        library: .get, "/v1/search/shares", for: .read,
        Operation(
          "listShares", "Links to searches, the newest first; those that are over too",
          answer(json(schema("ShareList"))), parameters: [LibraryQuery.client.documentation]), answer: list),
      Route(
        library: .post, "/v1/search/shares", for: .write, body: .small,
        Operation(
          "addShare", "Makes a link to a search: whoever has it may ask that search, and no other, until it expires",
          [("201", ["description": "Made.", "content": json(schema("NewShare"))])],
          body: body(json(schema("ShareRequest"))), parameters: [LibraryQuery.client.documentation]), answer: add),
      Route(
        library: .delete, "/v1/search/shares/{share}", share, for: .write,
        Operation(
          "revokeShare", "Ends a link at once; it stays in the list, with its uses", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: { (call, id) throws(Failure) in
          let client = try call.client(try call.context.query())
          try call.perform { () throws(Fault) in
            try ShareDesk(call.library).revoke(id, client: client, scope: call.scope)
          }
          return Response(204)
        }),
      Route(
        library: .get, "/v1/search/shares/{share}/uses", share, for: .read,
        Operation(
          "listShareUses", "When a link was used, how much it showed and where; the last thousand, the newest first",
          answer(json(schema("ShareUses"))), parameters: [LibraryQuery.client.documentation],
          failures: [.notFound]), answer: uses),
    ], schemas: schemas)

  private static let share = PathParameter("share", component: "ShareID", "A link's id.", pattern: ULID.pattern)

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let shares = try call.perform { () throws(Fault) in
      try ShareDesk(call.library).shares(of: client, scope: call.scope)
    }
    let now = call.library.now
    return .json(
      JSONWriter.object(capacity: 1 << 14) { json in
        json.array("shares") { json in for share in shares { json.object { share.write(into: &$0, at: now) } } }
      })
  }

  private enum Key: String, CaseIterable { case query, timeZone, fields, expires }

  private static func add(_ call: LibraryCall) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let made = try call.perform { () throws(Fault) in
      let draft = try call.body.withBytes { (bytes) throws(Fault) in try read(bytes) }
      return try ShareDesk(call.library).add(draft, client: client, scope: call.scope)
    }
    let now = call.library.now
    let body = JSONWriter.object { json in
      made.share.write(into: &json, at: now)
      json.field("token", made.token)
      json.field("path", "/v1/shared/\(made.token)")
    }
    return .json(body, status: 201)
  }

  private static func read(_ bytes: borrowing RawSpan) throws(Fault) -> ShareDesk.Draft {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    var draft = ShareDesk.Draft(query: try fields.required(.query).string())
    draft.zone = try fields.given(.timeZone)?.string()
    if let value = fields.given(.fields) {
      var names: [String] = []
      for name in try value.elements() { names.append(try name.string()) }
      try draft.show(names)
    }
    if let value = fields.given(.expires) {
      guard let seconds = Units.seconds(try value.string()), (1...Double(SearchShare.mostSeconds)).contains(seconds)
      else { throw value.fault("this is no time such as 12h or 7d, of at most \(SearchShare.mostSeconds / 86_400)d") }
      draft.seconds = Int(seconds)
    }
    return draft
  }

  private static func uses(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let client = try call.client(try call.context.query())
    let uses = try call.perform { () throws(Fault) in
      try ShareDesk(call.library).uses(of: id, client: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object(capacity: 1 << 14) { json in
        json.field("count", uses.count)
        json.array("uses") { json in for use in uses.last { json.object(use.write) } }
      })
  }

  private static var fields: Document {
    list(["type": "string", "enum": .list(Moment.Field.allCases.map { .text($0.rawValue) })])
  }

  private static let state: Document = [
    "type": "string", "enum": .list(SearchShare.State.allCases.map { .text($0.rawValue) }),
  ]
  private static let id: Document = ["type": "string", "pattern": .text(ULID.pattern)]

  private static let schemas: Document = [
    "ShareRequest": object(
      ["query": about("What is searched for, at each use anew; see docs/search.md.", string)],
      optional: [
        "timeZone": about("Whose times are meant; UTC where it is left away.", string),
        "fields": about(
          "What of each moment is shown: kind, label, from, to, score and zone where it is left away.", fields),
        "expires": about("For how long it holds, such as 12h; 7d where it is left away, 366d at most.", string),
      ]),
    "Share": object(
      [
        "share": id, "owner": string, "query": string, "fields": about("What of each moment is shown.", fields),
        "since": moment, "expires": moment, "state": state,
      ], optional: ["timeZone": string, "revoked": moment]),
    "NewShare": object(
      [
        "share": id, "owner": string, "query": string, "fields": about("What of each moment is shown.", fields),
        "since": moment, "expires": moment, "state": state,
        "token": about("Whoever has it may ask the search. It is told this once.", string),
        "path": about("Where that is, on this server.", string),
      ], optional: ["timeZone": string]),
    "ShareList": object(["shares": list(schema("Share"))]),
    "ShareUses": object([
      "count": about("Of all uses.", count),
      "uses": list(
        object([
          "at": moment, "kind": ["type": "string", "enum": .list(ShareUse.Kind.allCases.map { .text($0.rawValue) })],
          "found": about("What a page showed, or a stream of events up to now.", count),
          "address": about("Where it was used from.", string),
        ])),
    ]),
  ]
}
