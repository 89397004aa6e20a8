internal import Access
internal import Base
internal import Inference
internal import JSON
internal import OpenInference
internal import Predictions
internal import Serving
internal import Vision
internal import Web

/// Models, their versions and their aliases.
enum ModelRoutes: SchemaWords {
  static let tag = "Models"

  static let group = RouteGroup(
    tag: tag,
    routes: [
      Route(
        .get, "/v1/models", for: .read,
        Operation("listModels", "Every model, with versions, states and aliases", answer(json(list(schema("Model"))))),
        answer: describeAll),
      Route(
        .get, "/v1/models/{model}", .model, for: .read,
        Operation("getModel", "One model", ok("Model"), failures: [.notFound]),
        answer: describe),
      Route(
        .put, "/v1/models/{model}/aliases/{alias}", .model, alias, for: .admin, body: .small, on: .control,
        Operation(
          "setAlias", "Points an alias to a version that is ready", done(204), body: body(json(schema("AliasRequest"))),
          failures: [.notFound]),
        answer: setAlias),
      Route(
        .delete, "/v1/models/{model}/aliases/{alias}", .model, alias, for: .admin, body: .small, on: .control,
        Operation("removeAlias", "Takes an alias away", done(204), failures: [.notFound]),
        answer: removeAlias),
    ], schemas: schemas)

  static let alias = PathParameter(
    "alias", component: "Alias", "Not a number alone.", pattern: "^(?![0-9]+$)[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$")

  private static let schemas: Document = [
    "Model": object(
      [
        "name": schema("Name"), "versions": list(schema("Version")),
        "aliases": ["type": "object", "additionalProperties": schema("Name")],
      ],
      optional: [
        "registered": about("The library's registry says which versions there are, and where aliases point.", flag),
        "problem": about("What is wrong with it as a whole: its folder, or its file of aliases.", string),
      ]),
    "Version": about(
      "What is known of a version: all of it once it is ready.",
      object(
        ["version": schema("Name"), "state": schema("State")],
        optional: [
          "reason": about("Why it is not ready.", string), "digest": schema("Digest"), "task": schema("Task"),
          "inputs": list(schema("TensorSpec")), "outputs": list(schema("TensorSpec")), "labels": list(string),
          "engine": about("The engine that runs it, with its version.", string),
          "precision": about("What it is computed in.", string),
          "streams": about("Inferences at the same time.", count),
          "checked": schema("Check"),
          "takesWords": about("It is a network of texts, by which searches in words are compared.", flag),
          "isolated": about("It crashed the server once, and runs in a process of its own.", flag),
          "loaded": about("Where memory is bounded: it is in memory, and not loaded when it is asked next.", flag),
          "memory": about(
            "Where memory is bounded: bytes that it takes there, measured when it was loaded last.", count),
          "notes": about("What callers should know of its values and of how it was compiled.", list(string)),
        ])),
    "Check": about(
      "How its answers compare with those of the network's own runtime.",
      object(
        [
          "verdict": ["type": "string", "enum": .list(NetworkCheck.Verdict.allCases.map { .text($0.rawValue) })],
          "engine": about("Whose answers they are, with its version.", string),
        ],
        optional: [
          "reference": about("Whose they were compared with.", string), "inputs": about("That both answered.", count),
          "largest": about("The largest difference, as a share of the output's range.", amount),
          "mean": about("The mean difference, the same.", amount), "output": about("Where it is largest.", string),
          "reason": about("Why they are wrong, or why it is not known.", string),
        ])),
    "AliasRequest": object(["version": schema("Name")]),
  ]

  private static func describeAll(_ context: RequestContext) -> Response {
    .json(JSONWriter.array { for entry in context.models.list() { write(entry, to: &$0) } })
  }

  private static func describe(_ context: RequestContext, _ model: String) throws(Failure) -> Response {
    let all = context.models.list()
    guard let entry = all.first(where: { $0.model == model }) else {
      throw .notFound("there is no model '\(model)'\(Suggestion.hint(for: model, among: all.map(\.model)))")
    }
    var json = JSONWriter()
    write(entry, to: &json)
    return .json(json.take())
  }

  /// `body` is `{"version":"2"}`.
  private static func setAlias(
    _ context: RequestContext, _ body: Body, _ model: String, _ alias: String
  ) throws(Failure) -> Response {
    enum Key: String, CaseIterable { case version }
    do throws(Fault) {
      let version = try body.withBytes { (bytes) throws(Fault) in
        try JSONDocument(parsing: bytes, name: "the request").root.fields(Key.self).required(.version).string()
      }
      try context.models.set(alias: alias, of: model, to: version, by: context.caller.name)
    } catch { throw Failure(error) }
    return Response(204)
  }

  private static func removeAlias(
    _ context: RequestContext, _: Body, _ model: String, _ alias: String
  ) throws(Failure) -> Response {
    do throws(Fault) { try context.models.set(alias: alias, of: model, to: nil, by: context.caller.name) } catch {
      throw Failure(error)
    }
    return Response(204)
  }

  private static func write(_ entry: ModelRepository.Listed, to json: inout JSONWriter) {
    json.object { json in
      json.field("name", entry.model)
      json.array("versions") { json in
        for version in entry.versions {
          json.object { json in
            json.field("version", version.version)
            version.state.write(to: &json)
            if case .ready(let served) = version.state { write(served, to: &json) }
          }
        }
      }
      json.object("aliases") { json in
        for (alias, version) in entry.aliases.sorted(by: { $0.key < $1.key }) {
          json.field(JSONWriter.Name(alias), version)
        }
      }
      if entry.isRegistered { json.field("registered", true) }
      json.field("problem", ifKnown: entry.fault?.message)
    }
  }

  private static func write(_ served: ServedVersion, to json: inout JSONWriter) {
    json.field("digest", served.digest)
    json.field("task", ifKnown: served.picture?.recipe.task.rawValue)
    json.field("engine", served.engine)
    json.field("precision", served.precision)
    json.field("streams", served.streams)
    if let check = served.check { json.object("checked") { check.write(to: &$0) } }
    if served.takesWords { json.field("takesWords", true) }
    if served.isIsolated { json.field("isolated", true) }
    served.writeMemory(to: &json)
    json.field("inputs") { ModelMetadata.write(served.inputs, to: &$0) }
    json.field("outputs") { ModelMetadata.write(served.outputs, to: &$0) }
    let notes = served.notes + served.limits
    if !notes.isEmpty { json.field("notes", notes) }
    if let labels = served.picture?.recipe.labels, !labels.isEmpty { json.field("labels", labels) }
  }
}

extension ServedVersion {
  /// Where memory is bounded: whether it is there, and what it takes.
  func writeMemory(to json: inout JSONWriter) {
    guard let bytes = memoryByteCount else { return }
    json.field("loaded", isLoaded)
    json.field("memory", bytes)
  }
}

extension ModelRepository.State {
  /// `state`, and the reason where it is not ready.
  func write(to json: inout JSONWriter) {
    switch self {
    case .ready: json.field("state", "ready")
    case .loading: json.field("state", "loading")
    case .unavailable(let fault):
      json.field("state", "unavailable")
      json.field("reason", fault.message)
    }
  }
}
