internal import Access
internal import Base
internal import Catalog
internal import Insights
internal import JSON
internal import Library
internal import Web

/// What was concluded about films as a whole: a route for each part.
enum InsightRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Insights", routes: InsightReport.Part.allCases.map(route), schemas: schemas)

  private static let pipeline = QueryParameter<String>(
    "pipeline", component: "InsightPipeline",
    "Of the analysis with this name or digest (8 digits or more); the newest that has it where it is left away.",
    schema: ["type": "string"], expectation: "a pipeline's name or digest"
  ) { $0.isEmpty ? nil : $0 }

  private static func route(_ part: InsightReport.Part) -> Route {
    Route(
      library: .get, "/v1/assets/{asset}/\(word(part))", AssetRoutes.asset, for: .read,
      Operation(
        "get\(title(part))", summary(part), answer(json(schema("\(title(part))Answer"))),
        parameters: [pipeline.documentation], failures: [.notFound])
    ) { (call, id) throws(Failure) in try answer(call, id, part) }
  }

  /// The last word of its address: `content` is that of an asset's bytes.
  private static func word(_ part: InsightReport.Part) -> String { part == .content ? "labels" : part.rawValue }

  private static func title(_ part: InsightReport.Part) -> String {
    word(part).prefix(1).uppercased() + word(part).dropFirst()
  }

  private static func summary(_ part: InsightReport.Part) -> String {
    switch part {
    case .shots: "The shots of a film, what led into each, and black stretches"
    case .breaks: "Natural breaks of a film, with what speaks for each"
    case .content: "What is in a film's scenes and in the film"
    case .safety: "What of a film an advertiser may not want to stand beside, and what was not assessed"
    case .products: "Which products of a catalogue are in a film, when, and where best"
    case .attention: "Where a film draws the eye, and how much of that falls on boxes"
    case .memorability: "How well a film is remembered after the stated delay, over its seconds"
    }
  }

  private static func answer(_ call: LibraryCall, _ id: String, _ part: InsightReport.Part) throws(Failure) -> Response
  {
    let name = try call.context.query()(pipeline)
    let asset = try call.asset(id).asset
    let bytes = try call.perform { () throws(Fault) in
      let telling = try Library.analyses(try call.library.analyses(of: asset), telling: part, of: asset)
      let analysis = try Library.analysis(name, among: telling, of: asset)
      let told = try call.library.insight(part, of: analysis)
      return try JSONWriter.object { (json) throws(Fault) in
        head(asset, analysis, into: &json)
        json.field(JSONWriter.Name(part.rawValue)) { told.write(to: &$0) }
      }
    }
    return .json(bytes)
  }

  private static func head(_ asset: Asset, _ analysis: Analysis, into json: inout JSONWriter) {
    json.field("asset", asset.id.text)
    json.field("pipeline", analysis.pipeline)
    json.field("series", analysis.series)
    analysis.writeModels(into: &json)
    json.field("made", UTC.text(analysis.made / 1000))
    json.field("ridley", analysis.version)
  }

  private static let schemas: Document = [
    "ShotsAnswer": answered("shots", schema("ShotList")),
    "BreaksAnswer": answered("breaks", schema("BreakList")),
    "LabelsAnswer": answered("content", object(["scenes": list(open), "video": list(open)], open: true)),
    "SafetyAnswer": answered("safety", object(["video": open, "notAssessed": list(string)], open: true)),
    "ProductsAnswer": answered(
      "products",
      object(["products": list(schema("SeenProduct")), "model": string, "catalogue": string, "frames": count])),
    "SeenProduct": object(
      [
        "productId": string, "score": number, "method": ["enum": ["geometry", "embedding"]], "similarity": number,
        "inliers": count, "box": list(number), "name": string,
        "segments": list(object(["start": number, "end": number])), "seconds": number, "share": number,
        "frames": count, "best": list(open),
      ],
      optional: [
        "quad": about("Corners from the left top one clockwise; of geometry alone.", list(list(number))),
        "brand": string, "url": string,
      ]),
    "AttentionAnswer": answered("attention", object(["frames": list(open)], open: true)),
    "MemorabilityAnswer": answered(
      "memorability",
      object(["score": number, "delay": number, "curve": list(open), "model": string], open: true)),
    "BreakList": object([
      "breaks": list(schema("StoryBreak")), "candidates": count, "insideSpeech": count, "notAssessed": list(string),
      "notes": list(string),
    ]),
    "StoryBreak": object([
      "time": number, "frame": count, "score": number, "rank": count,
      "evidence": object([
        "visual": maybe(number), "silence": maybe(number), "black": number, "shot": number,
      ]), "because": string, "insideSpeech": maybe(flag),
    ]),
    "ShotList": object(["shots": list(schema("Shot")), "black": list(schema("BlackSpan"))]),
    "Shot": object([
      "start": number, "end": number, "startFrame": count, "endFrame": count,
      "transitionIn": maybe(schema("ShotTransition")),
    ]),
    "BlackSpan": object(["start": number, "end": number, "startFrame": count, "endFrame": count]),
    "ShotTransition": object([
      "kind": ["enum": ["cut", "gradual", "black"]],
      "from": about("The last frame that is the old shot alone.", whole),
      "to": about("The first frame that is the new shot alone.", whole), "score": number,
    ]),
  ]

  private static func answered(_ part: String, _ content: Document) -> Document {
    object([
      "asset": string, "pipeline": string, "series": string,
      "models": list(object(["name": string, "digest": string])), "made": moment, "ridley": string, part: content,
    ])
  }

  private static var open: Document { object([:], open: true) }
  private static var whole: Document { ["type": "integer"] }
}
