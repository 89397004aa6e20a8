internal import Access
internal import Base
internal import Drift
internal import Streams
internal import Web

/// Whether what a live stream shows, and what networks answer about it, is as it was.
enum DriftRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        .get, "/v1/streams/{stream}/drift", StreamRoutes.stream, for: .read,
        Operation(
          "getDrift", "How far what a live stream shows, and what is answered about it, is from its reference",
          answer(json(schema("Drift"))), parameters: [LibraryQuery.client.documentation], failures: [.notFound]),
        answer: show),
      Route(
        .delete, "/v1/streams/{stream}/drift", StreamRoutes.stream, for: .write, body: .small, on: .control,
        Operation(
          "forgetDrift", "Forgets the reference of a live stream: it is learnt anew from now on", done(204),
          parameters: [LibraryQuery.client.documentation], failures: [.notFound]), answer: forget),
    ], schemas: schemas)

  private static func show(_ context: RequestContext, _ name: String) throws(Failure) -> Response {
    let client = try StreamRoutes.client(context)
    do throws(Fault) {
      let book = try context.gateway.streams.drift(of: name, scope: context.libraryScope, client: client)
      return .json(
        JSONWriter.object(capacity: 1 << 13) { json in
          json.field("stream", name)
          json.field("owner", client)
          json.field("watched", book != nil)
          book?.writeReport(into: &json)
        })
    } catch { throw Failure(error) }
  }

  private static func forget(_ context: RequestContext, _ body: Body, _ name: String) throws(Failure) -> Response {
    let client = try StreamRoutes.client(context)
    do throws(Fault) {
      try context.gateway.streams.learnDrift(of: name, scope: context.libraryScope, client: client)
      return Response(204)
    } catch { throw Failure(error) }
  }

  private static let schemas: Document = [
    "Drift": object(
      [
        "stream": string, "owner": string,
        "watched": about("`false` where the configuration says so, or the stream is only shown.", flag),
      ],
      optional: [
        "settings": object([
          "every_s": about("Between two pictures that are counted.", amount),
          "window_s": about("What is looked at together.", amount),
          "learn_s": about("What the reference is made of.", amount),
          "rhythm": about(
            "`day` where an hour is compared with the same hour of the day, and those beside it, in UTC.",
            ["type": "string", "enum": ["day", "none"]]),
          "windows": about("That have to say the same in a row.", count),
          "evidence": about("Pictures, or answers, without which nothing is concluded.", count),
        ]),
        "problem": about("What has left its reference, in words.", string), "pictures": schema("DriftWatch"),
        "networks": list(
          [
            "allOf": [
              schema("DriftWatch"),
              object(["network": string, "model": string], optional: ["before": string], open: true),
            ]
          ]),
      ]),
    "DriftWatch": object(
      [
        "since": about("When it began to learn, in seconds since 1970.", amount),
        "learnt": about("How much of the reference is learnt, 0 to 1.", amount),
        "measures": list(schema("DriftMeasure")),
      ],
      optional: [
        "reference": about("From when to when it was learnt.", object(["from": amount, "to": amount])),
        "window": about("The last that is over.", object(["from": amount, "to": amount, "pictures": count])),
      ], open: true),
    "DriftMeasure": object(
      [
        "measure": ["type": "string", "enum": .list(DriftMeasure.allCases.map { .text($0.rawValue) })],
        "state": about(
          "`few`: not enough was seen to conclude anything.",
          ["type": "string", "enum": .list(DriftState.Standing.allCases.map { .text($0.rawValue) })]),
        "least": about("The distance below which it is no drift.", amount),
        "seen": about("In the last window.", count), "seen_reference": count,
      ],
      optional: [
        "index": about("The population stability index of the last window against the reference.", amount),
        "distance": about("By how many bins values have moved, or which share of labels are others.", amount),
        "enter": about("From this index on it has left its reference.", amount),
        "leave": about("Below this index it is back.", amount),
        "usual": about("The index of half of the reference's own windows against the rest of it.", amount),
        "own": about("The index that as many of them reached as it takes to conclude something.", amount),
        "groups": about(
          "Both distributions: numbers from and below a value, a label, all others, or what had no value.",
          list(
            object(
              ["reference": count, "now": count],
              optional: ["from": number, "to": number, "label": string, "others": flag, "missing": flag]))),
      ]),
  ]
}
