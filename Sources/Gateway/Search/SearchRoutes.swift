internal import Access
internal import Base
internal import Catalog
internal import Library
internal import Search
internal import SearchLanguage
internal import Web

/// Moments of films and streams, by a query.
enum SearchRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        library: .get, "/v1/search", for: .read,
        Operation(
          "search", "Moments of assets and live streams that a query finds, the newest first",
          answer(json(schema("SearchPage"))),
          parameters: [
            LibraryQuery.client.documentation, query.documentation, zone.documentation,
            LibraryQuery.limit.documentation, LibraryQuery.after.documentation,
          ]), answer: search),
      Route(
        library: .get, "/v1/search/explanation", for: .read,
        Operation(
          "explainSearch", "Which indexes serve a query, and how it was understood",
          answer(json(schema("SearchExplanation"))),
          parameters: [LibraryQuery.client.documentation, query.documentation, zone.documentation]), answer: explain),
      Route(
        library: .get, "/v1/search/completions", for: .read,
        Operation(
          "completeSearch", "How a query may go on, by what the client's moments are called",
          answer(json(schema("SearchCompletions"))),
          parameters: [LibraryQuery.client.documentation, typed.documentation, place.documentation]),
        answer: complete),
    ], schemas: schemas)

  static let query = LibraryQuery.word("q", component: "SearchQuery", "What is searched for; see docs/search.md.")
  static let zone = LibraryQuery.word(
    "time_zone", component: "TimeZone",
    "Whose times are meant: a name such as Europe/Berlin, or an offset such as +02:00; UTC where it is left away.")
  private static let typed = QueryParameter(
    "q", component: "TypedQuery", "The query as far as it is typed.", schema: ["type": "string"],
    expectation: "some text"
  ) { $0.utf8.contains(0) ? nil : $0 }
  private static let place = QueryParameter.count(
    "at", component: "Cursor", "Where the cursor stands, in bytes; at the end where it is left away.", in: 0...2000)

  /// A query as it is meant now.
  static func parse(_ call: LibraryCall, _ query: Query) throws(Failure) -> SearchQuery {
    let (text, zone) = (try query(Self.query), try query(Self.zone))
    guard let text else {
      throw Failure(Fault(.badInput, "q says what is searched for, such as 'label:person zone:dock'"))
    }
    return try call.perform { () throws(Fault) in
      try SearchQuery(
        parsing: text, at: call.library.now,
        in: try zone.map { (zone) throws(Fault) in try TimeRules.named(zone) } ?? .utc)
    }
  }

  private static func search(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let client = try call.client(query)
    let asked = try parse(call, query)
    let (limit, token) = (try query(LibraryQuery.limit) ?? 50, try query(LibraryQuery.after))
    let answer = try call.perform { () throws(Fault) in
      try MomentDesk(call.library).search(asked, client: client, scope: call.scope, limit: limit, after: token)
    }
    return .json(JSONWriter.object(capacity: 1 << 14, answer.write))
  }

  private static func explain(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let client = try call.client(query)
    let asked = try parse(call, query)
    let ways = try call.perform { () throws(Fault) in
      try MomentDesk(call.library).explain(asked, client: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object { json in
        json.field("query", asked.canonicalText)
        json.field("ways", ways)
      })
  }

  private static func complete(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let client = try call.client(query)
    let text = try query(typed) ?? ""
    let completion = SearchQuery.completion(of: text, at: try query(place) ?? text.utf8.count)
    let words = try call.perform { () throws(Fault) in
      try MomentDesk(call.library).completions(completion, client: client, scope: call.scope)
    }
    return .json(
      JSONWriter.object { json in
        json.field("from", completion.range.lowerBound)
        json.field("to", completion.range.upperBound)
        json.field("words", words)
      })
  }

  /// What an answer may lack.
  static let incomplete = about(
    "Only where something may be missing: what, why, and the way out. What can be found is found.",
    list(
      object([
        "reason": ["type": "string", "enum": .list(AnswerGap.Reason.allCases.map { .text($0.rawValue) })],
        "message": string,
      ])))

  private static let moment = object(
    [
      "moment": string, "kind": ["type": "string", "enum": .list(Moment.Kind.allCases.map { .text($0.rawValue) })],
      "from": string, "to": string, "series": string, "best": string,
    ],
    optional: [
      "asset": string, "stream": string, "offset": about("Milliseconds from the asset's beginning.", count),
      "label": string, "score": number, "track": count,
      "traits": about("What networks that looked closer called it, such as its colour.", list(string)),
      "zone": string, "rule": string, "text": string,
      "box": about("Left, top, width and height, as shares of the picture.", list(number)),
      "snapshot": about("It has a picture: /v1/events/{event}/snapshot, where the moment is the event.", string),
      "open": about("It has not ended yet.", ["type": "boolean"]),
    ])

  private static let schemas: Document = [
    "Moment": moment,
    "SearchPage": object(
      [
        "found": about(
          "The newest first. Each is one moment, or, where several are asked for, one of each step in their order.",
          list(list(schema("Moment")))),
        "looked": about("Moments that were read for this page.", count),
        "ways": about("Stretches of indexes that were read.", list(string)),
        "asOf": about("What was written up to this moment is found.", string),
      ],
      optional: [
        "notes": about(
          "Where nothing is found: what the query asks that no moment can be, and what may have been meant.",
          list(string)),
        "incomplete": incomplete,
        "unknown": about(
          "Where nothing is found: labels that are asked for and that nothing has.",
          list(object(["label": string], optional: ["suggestion": string]))),
        "next": about("There may be more: ask again with after.", string),
      ]),
    "SearchExplanation": object(
      ["query": about("As it was understood.", string), "ways": about("What is read for it.", list(string))]),
    "SearchCompletions": object([
      "from": about("The first byte of what is replaced.", count),
      "to": about("The byte behind what is replaced.", count),
      "words": about("What may stand there.", list(string)),
    ]),
  ]
}
