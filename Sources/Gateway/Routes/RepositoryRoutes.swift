internal import Access
internal import Base
internal import OpenInference
internal import Serving
internal import Web

/// The repository of models as Triton's extension of the Open Inference Protocol has it: what there is, loading, unloading.
enum RepositoryRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: ProtocolServerRoutes.tag,
    routes: [
      Route(
        .post, "/v2/repository/index", for: .read, body: .small, on: .loop,
        Operation(
          "repositoryIndex", "Every model and version, with its state", ok("Index"), body: optional("IndexRequest")),
        answer: index),
      Route(
        .post, "/v2/repository/models/{model}/load", .model, for: .admin, body: .small, on: .control,
        Operation(
          "load", "Loads a model, or what is new of it, while the old goes on", done(200),
          body: optional("LoadRequest"), failures: [.notFound, .unsupported]),
        answer: load),
      Route(
        .post, "/v2/repository/models/{model}/unload", .model, for: .admin, body: .small, on: .control,
        Operation(
          "unload", "Stops serving a model once what was accepted is answered", done(200),
          body: optional("UnloadRequest"), failures: [.notFound, .unsupported]),
        answer: unload),
    ], schemas: schemas)

  private static func optional(_ name: String) -> Document { body(json(schema(name)), isRequired: false) }

  private static let schemas: Document = [
    "IndexRequest": object(
      [:], optional: ["ready": about("Only versions that can be asked.", maybe(flag))], open: true),
    "Index": list(
      object([
        "name": schema("Name"), "version": schema("Name"),
        "state": ["type": "string", "enum": ["READY", "LOADING", "UNLOADING", "UNAVAILABLE"]], "reason": string,
      ])),
    "LoadRequest": object(
      [:],
      optional: [
        "parameters": about(
          "A configuration or files are refused: what a model is stands in the repository.", maybe(["type": "object"]))
      ], open: true),
    "UnloadRequest": object(
      [:], optional: ["parameters": maybe(object([:], optional: ["unload_dependents": maybe(flag)], open: true))],
      open: true),
  ]

  private static func index(_ context: RequestContext, _ body: Body) throws(Failure) -> Response {
    let onlyReady: Bool
    do throws(Fault) {
      onlyReady = try body.withBytes { (bytes) throws(Fault) in try Repository.wantsReadyOnly(bytes) }
    } catch { throw Failure(error) }
    return .json(Repository.index(entries(of: context.models, onlyReady: onlyReady)))
  }

  static func entries(of models: ModelRepository, onlyReady: Bool) -> [Repository.Entry] {
    let entries = models.list().flatMap { entry in
      entry.versions.map { version in
        switch version.state {
        case .ready(let served): self.entry(entry.model, version.version, served)
        case .loading: Repository.Entry(name: entry.model, version: version.version, state: .loading)
        case .unavailable(let fault):
          Repository.Entry(name: entry.model, version: version.version, state: .unavailable, reason: fault.message)
        }
      }
    }
    return onlyReady ? entries.filter { $0.state == .ready } : entries
  }

  /// One that is out of memory is ready as long as a request waits for it, and is answered.
  private static func entry(_ model: String, _ version: String, _ served: ServedVersion) -> Repository.Entry {
    if served.refusesWhileAway {
      return Repository.Entry(
        name: model, version: version, state: .unavailable, reason: "it left memory, and is loaded when it is asked")
    }
    return Repository.Entry(
      name: model, version: version, state: .ready,
      reason: served.isLoaded ? "" : "it left memory, and its next request waits until it is loaded")
  }

  private static func load(_ context: RequestContext, _ body: Body, _ model: String) throws(Failure) -> Response {
    do throws(Fault) {
      try body.withBytes { (bytes) throws(Fault) in try Repository.checkLoad(bytes) }
      try context.models.load(model)
    } catch { throw Failure(error) }
    return Response(200)
  }

  private static func unload(_ context: RequestContext, _ body: Body, _ model: String) throws(Failure) -> Response {
    do throws(Fault) {
      try body.withBytes { (bytes) throws(Fault) in try Repository.checkUnload(bytes) }
      try context.models.unload(model)
    } catch { throw Failure(error) }
    return Response(200)
  }
}
