internal import Access
internal import Base
internal import Catalog
internal import JSON
internal import Library
internal import Registry
internal import Web

/// What was found out about versions of the registry: evaluations, and trials of one version beside another.
///
/// A trial shows footage of whatever client it was made over, so it is for those who may move aliases.
enum TrialRoutes: SchemaWords {
  private static let path = "/v1/registry/models/{model}"

  static let group = RouteGroup(
    tag: "Registry",
    routes: [
      Route(
        library: .get, path + "/evaluations", .model, for: .admin,
        Operation(
          "listEvaluations", "What evaluations of a model's versions came to: by version, then the oldest first",
          answer(json(list(schema("KeptResult")))), failures: [.notFound]),
        answer: { (call, model) throws(Failure) in try results(.evaluation, call, model) }),
      Route(
        library: .get, path + "/trials", .model, for: .admin,
        Operation(
          "listTrials", "What trials of a model's versions came to: by version, then the oldest first",
          answer(json(list(schema("KeptResult")))), failures: [.notFound]),
        answer: { (call, model) throws(Failure) in try results(.trial, call, model) }),
      Route(
        library: .get, path + "/trials/{trial}", .model, trial, for: .admin, isSlow: true,
        Operation(
          "getTrial", "All that is kept of a trial, with what differs, the largest first", ok("Trial"),
          failures: [.notFound]),
        answer: whole),
      Route(
        library: .get, path + "/trials/{trial}/pictures/{picture}", .model, trial, picture, for: .admin, isSlow: true,
        Operation(
          "getTrialPicture", "What a difference is about: its region of a file's picture, or an asset's whole picture",
          answer(["image/jpeg": bytes("image/jpeg")]) + AssetRoutes.same, failures: [.notFound]),
        answer: picture),
    ], schemas: schemas)

  private static let trial = PathParameter(
    "trial", component: "Trial", "The id of a trial.", pattern: ULID.pattern)
  private static let picture = PathParameter(
    "picture", component: "TrialPicture", "Which of the differences, from 0.", schema: count
  ) { Int($0) }

  private static func results(
    _ kind: KeptResult.Kind, _ call: LibraryCall, _ model: String
  ) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    let results = try call.perform { () throws(Fault) in
      try registry.known(model)
      return try registry.results(kind, of: model)
    }
    return .json(JSONWriter.array { json in for result in results { json.object(result.write) } })
  }

  private static func whole(_ call: LibraryCall, _ model: String, _ id: String) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    return try call.perform { () throws(Fault) in
      let result = try registry.result(.trial, id, of: model)
      let report = try registry.document(of: result)
      return .json(
        JSONWriter.object(capacity: report.count + 1024) { json in
          json.object("trial", result.write)
          json.field("report", embedding: report)
        })
    }
  }

  private static func picture(
    _ call: LibraryCall, _ model: String, _ id: String, _ number: Int
  ) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    let (kept, place) = try call.perform { () throws(Fault) in
      let trial = try registry.result(.trial, id, of: model)
      let kept = try registry.picture(number, of: trial)
      return (kept, try kept == nil ? Self.place(of: number, in: try registry.document(of: trial)) : nil)
    }
    // Neither changes ever.
    let answer = { call.answer($0, "image/jpeg", tag: "\(id)-\(number)") }
    if let kept { return answer(kept) }
    guard let place else { throw .notFound("the trial '\(id)' has no picture \(number)") }
    // As it is there now, and for whom it is.
    let asset = try call.asset(place.asset).asset
    return answer(
      try call.perform { () throws(Fault) in
        // By what an analysis kept of the film's frames, where there is one, it need not be read from the start.
        let indexed = try call.library.analyses(of: asset).first { $0.frameIndex != nil }
        return try call.library.frame(place.frame, of: asset, indexed, finder: call.desk.finder).jpeg
      })
  }

  private enum ReportKey: String, CaseIterable { case differences }
  private enum DifferenceKey: String, CaseIterable { case file, frame }

  /// Where a difference is in an asset; `nil` where there is none, or it is in a file that is none.
  private static func place(
    of number: Int, in report: [UInt8]
  ) throws(Fault) -> (asset: String, frame: Int)? {
    let document = try JSONDocument(parsing: report.span.bytes, name: "the trial")
    var place = 0
    for difference in try document.root.fields(ReportKey.self, others: .ignored).required(.differences).elements() {
      defer { place += 1 }
      guard place == number else { continue }
      let fields = try difference.fields(DifferenceKey.self, others: .ignored)
      let file = try fields.required(.file).string()
      return ULID(file) == nil ? nil : (file, try fields.required(.frame).integer(in: 0 ... .max))
    }
    return nil
  }

  private static let schemas: Document = [
    "KeptResult": object(
      [
        "kind": ["type": "string", "enum": .list(KeptResult.Kind.allCases.map { .text($0.rawValue) })],
        "model": string, "version": count, "ulid": string, "at": moment, "by": string,
        "summary": about("The main figures.", open), "document": about("The object with all of it.", string),
      ], optional: ["pictures": about("The object with pictures of the largest differences.", string)]),
    "Trial": object([
      "trial": schema("KeptResult"), "report": about("As 'ridley model trial --json' tells it.", open),
    ]),
  ]

  private static let open: Document = ["type": "object"]
}
