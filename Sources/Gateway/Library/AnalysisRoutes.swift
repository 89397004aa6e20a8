internal import Access
internal import Base
internal import Catalog
internal import Exports
internal import Library
internal import Predictions
internal import Web

/// What analyses found, and the way back from a prediction to its frame.
enum AnalysisRoutes: SchemaWords {
  private static let place = "/v1/assets/{asset}/analyses/{analysis}"

  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        library: .get, place + "/predictions", AssetRoutes.asset, analysis, for: .read,
        Operation(
          "listPredictions", "Predictions of one analysis, in the order of their frames",
          answer(json(schema("PredictionPage"))),
          parameters: [from.documentation, to.documentation, LibraryQuery.limit.documentation, after.documentation],
          failures: [.notFound]), answer: predictions),
      Route(
        library: .get, place + "/timeline", AssetRoutes.asset, analysis, for: .read, isSlow: true,
        Operation(
          "getTimeline", "How often each label is seen over time, and its greatest scores, in parts of equal length",
          answer(json(schema("PredictionTimeline"))),
          parameters: [from.documentation, to.documentation, buckets.documentation], failures: [.notFound]),
        answer: timeline),
      Route(
        library: .get, place + "/predictions/{number}", AssetRoutes.asset, analysis, number, for: .read, isSlow: true,
        Operation(
          "tracePrediction", "The way back from a prediction: its frame, model, pipeline and log lines",
          answer(json(schema("Trace"))), failures: [.notFound, .unsupported]), answer: trace),
      Route(
        library: .get, place + "/frames/{number}", AssetRoutes.asset, analysis, number, for: .read, isSlow: true,
        Operation(
          "getFrame", "Exactly that frame, as a picture", answer(["image/jpeg": bytes("image/jpeg")]),
          failures: [.notFound, .unsupported]), answer: frame),
      Route(
        library: .get, place + "/log", AssetRoutes.asset, analysis, for: .read,
        Operation(
          "getLog", "The lines that the worker logged", answer(["application/jsonl": bytes("application/jsonl")]),
          failures: [.notFound]), answer: log),
      Route(
        library: .get, place + "/export", AssetRoutes.asset, analysis, for: .read, isSlow: true,
        Operation(
          "exportAnalysis", "What was found, in a format that other programs open", answer(exportTypes),
          parameters: [format.documentation, adTag.documentation, breakLength.documentation],
          failures: [.notFound, .unsupported]), answer: export),
    ], schemas: schemas)

  static let analysis = PathParameter(
    "analysis", component: "AnalysisID", "The pipeline's digest, or its first 8 digits or more.",
    pattern: "^(sha256:)?[0-9a-f]{8,64}$")
  private static let number = PathParameter(
    "number", component: "Number", "Counted from 0.", schema: ["type": "integer", "minimum": 0]
  ) { text in text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil }

  private static let from = second("from", component: "FromSecond", "Only of frames from this second on.")
  private static let to = second("to", component: "ToSecond", "Only of frames up to this second.")
  private static let after = QueryParameter.count(
    "after", component: "AfterPrediction", "Go on where an answer ended: its next.", in: 0...Int(Int32.max))
  private static let buckets = QueryParameter.count(
    "buckets", component: "Buckets", "Parts of the range; 200 where it is left away.", in: 1...4000)

  private static func second(_ name: String, component: String, _ text: String) -> QueryParameter<Double> {
    QueryParameter(name, component: component, text, schema: ["type": "number"], expectation: "a number of seconds") {
      Double($0).flatMap { $0.isFinite ? $0 : nil }
    }
  }

  private static let format = LibraryQuery.choice(
    "format", component: "ExportFormat",
    "The format; of the shots and breaks of a film there are those that begin with these words, vmap and scte35.",
    ExportKind.allCases.map(\.rawValue))
  private static let adTag = LibraryQuery.word(
    "adTag", component: "AdTag", "Of vmap: where to ask for advertisements.")
  private static let breakLength = QueryParameter.seconds(
    "breakLength", component: "BreakLength", "Of scte35: how long a break lasts, in seconds.", in: 0.001...86_400)

  /// Each type once: several formats may share one.
  private static let exportTypes: Document = {
    var types: [String] = []
    for type in ExportKind.allCases.map(\.contentType) where !types.contains(type) { types.append(type) }
    return .object(types.map { ($0, bytes($0)) })
  }()

  private static func range(_ query: Query) throws(Failure) -> ClosedRange<Double> {
    let (first, last) = (try query(from) ?? -.infinity, try query(to) ?? .infinity)
    guard first <= last else { throw Failure(Fault(.badInput, "from lies behind to")) }
    return first...last
  }

  private static func find(
    _ call: LibraryCall, _ id: String, _ pipeline: String
  ) throws(Failure) -> (asset: Asset, analysis: Analysis) {
    let asset = try call.asset(id).asset
    return (asset, try call.perform { () throws(Fault) in try call.library.analysis(of: asset, pipeline) })
  }

  private static func predictions(_ call: LibraryCall, _ id: String, _ pipeline: String) throws(Failure) -> Response {
    let query = try call.context.query()
    let (range, limit, first) = (try range(query), try query(LibraryQuery.limit) ?? 200, try query(after) ?? 0)
    let analysis = try find(call, id, pipeline).analysis
    var next: Int?
    let json = try call.perform { () throws(Fault) in
      try JSONWriter.object(capacity: 1 << 16) { (json) throws(Fault) in
        var count = 0
        try json.array("predictions") { (json) throws(Fault) in
          try call.library.predictions(of: analysis).forEach(from: first, in: range) { number, row in
            if count == limit {
              next = number
              return false
            }
            count += 1
            json.object { json in
              json.field("n", number)
              PredictionJSON.write(members: row.prediction, at: row.stamp, model: row.model, into: &json)
            }
            return true
          }
        }
        json.field("next", ifKnown: next.map(String.init))
      }
    }
    return .json(json)
  }

  private static func timeline(_ call: LibraryCall, _ id: String, _ pipeline: String) throws(Failure) -> Response {
    let query = try call.context.query()
    let parts = try query(buckets) ?? 200
    var range = try range(query)
    let (asset, analysis) = try find(call, id, pipeline)
    let first = range.lowerBound.isFinite ? range.lowerBound : min(0, range.upperBound)
    range = first...(range.upperBound.isFinite ? range.upperBound : max(first, asset.media.duration ?? 0))
    let timeline = try call.perform { () throws(Fault) in
      try PredictionTimeline(try call.library.predictions(of: analysis), in: range, parts: parts)
    }
    return .json(JSONWriter.object(capacity: 1 << 16) { timeline.write(into: &$0) })
  }

  private static func trace(
    _ call: LibraryCall, _ id: String, _ pipeline: String, _ number: Int
  ) throws(Failure) -> Response {
    let (asset, analysis) = try find(call, id, pipeline)
    let trace = try call.perform { () throws(Fault) in
      try call.library.trace(asset, analysis, prediction: number, finder: call.desk.finder)
    }
    let picture = "/v1/assets/\(asset.id)/analyses/\(analysis.pipeline)/frames/\(trace.frame.index)"
    return .json(JSONWriter.object(capacity: 1 << 14) { trace.write(into: &$0, picture: picture) })
  }

  private static func frame(
    _ call: LibraryCall, _ id: String, _ pipeline: String, _ number: Int
  ) throws(Failure) -> Response {
    let (asset, analysis) = try find(call, id, pipeline)
    let frame = try call.perform { () throws(Fault) in
      try call.library.frame(number, of: asset, analysis, finder: call.desk.finder)
    }
    return Response(
      200, headers: [("Content-Type", "image/jpeg"), ("Cache-Control", "private, max-age=3600")], body: frame.jpeg)
  }

  private static func export(_ call: LibraryCall, _ id: String, _ pipeline: String) throws(Failure) -> Response {
    let query = try call.context.query()
    guard let format = try query(format).flatMap({ ExportKind(rawValue: $0) }) else {
      let names = ExportKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(Fault(.badInput, "say which format: \(names)"))
    }
    let options = ExportOptions(adTag: try query(adTag), breakLength: try query(breakLength))
    let (asset, analysis) = try find(call, id, pipeline)
    var bytes: [UInt8] = []
    try call.perform { () throws(Fault) in
      try options.check(format, named: ("adTag", "breakLength"))
      try call.library.export(asset, analysis, as: format, options) { (piece) throws(Fault) in
        bytes += piece
        guard bytes.count <= mostExportBytes else {
          throw Fault(
            .tooLarge,
            "the export is longer than \(mostExportBytes) bytes: make it with 'ridley export' where the library is")
        }
      }
    }
    let name =
      "\(asset.id)-\(analysis.series.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c && $0 != 0x2f } ? analysis.series : "analysis").\(format.fileEnding)"
    return Response(
      200,
      headers: [("Content-Type", format.contentType), ("Content-Disposition", "attachment; filename=\"\(name)\"")],
      body: bytes)
  }

  /// Answers are made in memory.
  private static let mostExportBytes = 64 << 20

  private static func log(_ call: LibraryCall, _ id: String, _ pipeline: String) throws(Failure) -> Response {
    let analysis = try find(call, id, pipeline).analysis
    let lines = try call.perform { () throws(Fault) in try call.library.read(analysis.log) }
    return Response(200, headers: [("Content-Type", "application/jsonl")], body: lines)
  }

  private static let logLine = object(["time": string, "event": string, "worker": string], open: true)

  private static let schemas: Document = [
    "NumberedPrediction": about(
      "The members of a line of predictions.jsonl, and its number in the analysis.",
      object(["n": count, "kind": string, "model": string, "frame": count], open: true)),
    "PredictionPage": object(["predictions": list(schema("NumberedPrediction"))], optional: ["next": string]),
    "PredictionTimeline": object([
      "from": seconds, "to": seconds,
      "labels": list(
        object([
          "label": string, "kind": string, "counts": list(count), "scores": list(maybe(seconds)),
        ])),
    ]),
    "Trace": object([
      "n": count, "prediction": object(["kind": string, "model": string, "frame": count], open: true),
      "analysis": schema("Analysis"),
      "frame": object(
        ["index": count, "time": seconds, "width": count, "height": count, "sha256": string, "picture": string],
        optional: ["pts": ["type": "integer"]]),
      "log": list(logLine),
    ]),
  ]

  private static var seconds: Document { ["type": "number"] }
}
