internal import Access
internal import Base
internal import Library
internal import Search
internal import SearchLanguage
internal import Serving
internal import Web

/// Films that look alike, by what networks said of their frames in numbers.
enum SimilarRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        library: .get, "/v1/search/similar", for: .read, isSlow: true,
        Operation(
          "searchSimilar", "Moments of assets that look like a moment of one, the most alike first",
          answer(json(schema("SimilarPage"))),
          parameters: [
            LibraryQuery.client.documentation, asset.documentation, time.documentation, model.documentation,
            gap.documentation,
          ] + shared, failures: [.notFound]), answer: similar),
      Route(
        .post, "/v1/search/similar", for: .read, body: .media,
        Operation(
          "searchSimilarToPicture",
          "Moments of assets that look like a picture, the most alike first; the key must be for infer too",
          answer(json(schema("SimilarPage"))), body: body(PredictMedia.content),
          parameters: [LibraryQuery.client.documentation, model.documentation, gap.documentation] + shared,
          failures: [.notFound, .mediaType, .unsupported, .late]),
        begin: { (context) throws(Failure) in try context.searchPicture() }),
      Route(
        library: .get, "/v1/search/duplicates", for: .read, isSlow: true,
        Operation(
          "searchDuplicates", "Assets of a client that are nearly the same, the most alike first",
          answer(json(schema("DuplicatesPage"))),
          parameters: [LibraryQuery.client.documentation, model.documentation] + shared, failures: [.notFound]),
        answer: duplicates),
    ], schemas: schemas)

  static let shared = [
    series.documentation, filter.documentation, SearchRoutes.zone.documentation, least.documentation,
    LibraryQuery.limit.documentation,
  ]

  private static let asset = LibraryQuery.word("asset", component: "LikeAsset", "The asset whose moment is looked for.")
  private static let time = QueryParameter.seconds(
    "time", component: "LikeTime", "Seconds from its beginning: the frame nearest to it is taken.", in: 0...10_000_000)
  static let model = LibraryQuery.word(
    "model", component: "VectorModel",
    "Whose vectors are compared: the network that gave the most where it is left away.")
  private static let series = LibraryQuery.word("series", component: "VectorSeries", "Only of analyses of this series.")
  private static let filter = LibraryQuery.word(
    "q", component: "VectorFilter", "A search of one step: only what it finds is compared; see docs/search.md.")
  static let gap = QueryParameter.seconds(
    "gap", component: "Gap", "Frames that lie so near to each other are one result; 5 where it is left away.",
    in: 0...3600)
  private static let least = QueryParameter<Double>(
    "least", component: "LeastSimilarity", "What is less alike is left out.",
    schema: ["type": "number", "minimum": -1, "maximum": 1], expectation: "a number from -1 to 1"
  ) { text in Double(text).flatMap { (-1...1).contains($0) ? $0 : nil } }

  /// What is asked, of the caller's own.
  static func ask(_ call: LibraryCall, _ query: Query) throws(Failure) -> VectorDesk.Ask {
    var ask = VectorDesk.Ask(client: try call.client(query), scope: call.scope)
    (ask.limit, ask.series) = (try query(LibraryQuery.limit) ?? 50, try query(series))
    ask.least = try query(least) ?? -1
    let (text, zone) = (try query(filter), try query(SearchRoutes.zone))
    guard let text else { return ask }
    ask.filter = try call.perform { () throws(Fault) in
      try SearchQuery(
        parsing: text, at: call.library.now,
        in: try zone.map { (zone) throws(Fault) in try TimeRules.named(zone) } ?? .utc)
    }
    return ask
  }

  /// As ``ask(_:_:)``, for moments.
  static func momentAsk(_ call: LibraryCall, _ query: Query) throws(Failure) -> VectorDesk.Ask {
    var ask = try ask(call, query)
    ask.gap = try query(gap) ?? ask.gap
    return ask
  }

  private static func similar(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let ask = try momentAsk(call, query)
    let (id, seconds, name) = (try query(asset), try query(time) ?? 0, try query(model))
    guard let id else { throw Failure(Fault(.badInput, "asset says whose moment is looked for, and time which")) }
    let answer = try call.perform { () throws(Fault) in
      let desk = VectorDesk(call.library)
      return try desk.similar(to: desk.example(id, at: seconds, network: name, ask), ask)
    }
    return .json(JSONWriter.object(capacity: 1 << 14, answer.write))
  }

  private static func duplicates(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    var ask = try ask(call, query)
    ask.least = try query(least) ?? VectorDesk.duplicate
    let name = try query(model)
    let answer = try call.perform { () throws(Fault) in
      let desk = VectorDesk(call.library)
      return try desk.duplicates(desk.network(name, ask), ask)
    }
    return .json(JSONWriter.object(capacity: 1 << 14, answer.write))
  }

  private static let schemas: Document = [
    "SimilarPage": object(
      [
        "model": about("Whose vectors were compared, NAME@sha256:….", string),
        "found": about("The most alike first.", list(schema("SimilarMoment"))),
        "compared": about("Vectors that were compared.", count),
        "films": about("Assets that had some of them.", count),
        "asOf": about("What was written up to this moment is found.", string),
      ], optional: ["incomplete": SearchRoutes.incomplete]),
    "SimilarMoment": object(
      [
        "asset": string, "series": string, "similarity": about("The cosine, -1 to 1.", number),
        "time": about("Seconds of the best frame.", number),
        "from": about("Seconds of the first frame that is nearly as much alike.", number),
        "to": about("Seconds of the last one.", number), "at": about("When the best frame was.", string),
      ], optional: ["track": about("The object whose crop it is.", count)]),
    "DuplicatesPage": object(
      [
        "model": about("Whose vectors were compared, NAME@sha256:….", string),
        "least": about("What is less alike was left out.", number),
        "pairs": about(
          "The most alike first.",
          list(
            object([
              "a": string, "b": string, "similarity": number,
              "offset": about("Seconds that the same frame is later in b.", number),
            ]))),
        "films": about("Assets that were compared.", count),
        "frames": about("Frames of each that were compared, at most.", count), "asOf": string,
      ], optional: ["incomplete": SearchRoutes.incomplete]),
  ]
}
