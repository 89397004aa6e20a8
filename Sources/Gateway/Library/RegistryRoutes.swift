internal import Access
internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Registry
internal import Web

/// The registry of models in the library: what was published, what points where, and where it pointed.
///
/// It tells who did what, of all clients, so it is for those who may move aliases; in which analyses a version answered is for each client about
/// its own.
enum RegistryRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Registry",
    routes: [
      Route(
        library: .get, "/v1/registry/models", for: .admin,
        Operation(
          "listRegistryModels", "Every model of the registry, with its versions and aliases",
          answer(json(list(schema("RegistryModel"))))), answer: models),
      Route(
        library: .get, "/v1/registry/models/{model}", .model, for: .admin,
        Operation("getRegistryModel", "One model of the registry", ok("RegistryModel"), failures: [.notFound]),
        answer: model),
      Route(
        library: .get, "/v1/registry/models/{model}/history", .model, for: .admin,
        Operation(
          "getRegistryHistory", "Where a model's aliases pointed, ever: the oldest move first",
          answer(json(list(schema("AliasMove")))), parameters: [alias.documentation], failures: [.notFound]),
        answer: history),
      Route(
        library: .get, "/v1/registry/models/{model}/aliases/{alias}", .model, ModelRoutes.alias, for: .admin,
        Operation(
          "getRegistryAlias", "Where an alias points, or pointed at a moment", ok("AliasPlace"),
          parameters: [at.documentation], failures: [.notFound]), answer: place),
      Route(
        library: .get, "/v1/registry/models/{model}/versions/{version}", .model, .version, for: .admin,
        Operation(
          "getRegistryVersion", "All that is known of a version", ok("RegistryVersionFacts"), failures: [.notFound]),
        answer: version),
      Route(
        library: .get, "/v1/registry/models/{model}/versions/{version}/answered", .model, .version, for: .read,
        Operation(
          "listAnswered", "The client's analyses in which a version answered, the newest first", ok("AnsweredList"),
          parameters: [
            LibraryQuery.client.documentation, LibraryQuery.limit.documentation, LibraryQuery.after.documentation,
          ], failures: [.notFound]),
        answer: answered),
    ], schemas: schemas)

  private static let alias = LibraryQuery.word("alias", component: "OfAlias", "Only of this alias.")
  private static let at = LibraryQuery.moment("at", component: "At", "At this moment; now where it is left away.")

  private static func models(_ call: LibraryCall) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    let known = try call.perform { () throws(Fault) in
      try registry.models().map { (model) throws(Fault) in try Described(model, registry) }
    }
    return .json(JSONWriter.array { json in for one in known { json.object(one.write) } })
  }

  private static func model(_ call: LibraryCall, _ model: String) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    let known = try call.perform { () throws(Fault) in
      try registry.known(model)
      return try Described(model, registry)
    }
    return .json(JSONWriter.object(known.write))
  }

  private static func history(_ call: LibraryCall, _ model: String) throws(Failure) -> Response {
    let (registry, alias) = (ModelRegistry(call.library), try call.context.query()(alias))
    let moves = try call.perform { () throws(Fault) in
      try registry.known(model)
      return try registry.history(of: model, alias: alias)
    }
    return .json(JSONWriter.array { json in for move in moves { json.object(move.write) } })
  }

  private static func place(_ call: LibraryCall, _ model: String, _ alias: String) throws(Failure) -> Response {
    let (registry, moment) = (ModelRegistry(call.library), try call.context.query()(at))
    let (move, version) = try call.perform { () throws(Fault) in
      try registry.known(model)
      let move =
        if let moment { try registry.alias(alias, of: model, at: moment) } else { try registry.alias(alias, of: model) }
      guard let move, let number = move.to, let version = try registry.version(number, of: model) else {
        let then = moment.map { " at \(CompositeKey.time(milliseconds: $0))" } ?? ""
        throw Fault(.notFound, "'\(alias.prefix(80))' of '\(model)' points nowhere\(then)")
      }
      return (move, version)
    }
    return .json(
      JSONWriter.object { json in
        json.object("version", version.write)
        json.object("move", move.write)
      })
  }

  private static func version(_ call: LibraryCall, _ model: String, _ version: String) throws(Failure) -> Response {
    let registry = ModelRegistry(call.library)
    let facts = try call.perform { () throws(Fault) in
      try registry.facts(of: try registry.any(version, of: model))
    }
    return .json(JSONWriter.object(facts.write))
  }

  private static func answered(_ call: LibraryCall, _ model: String, _ version: String) throws(Failure) -> Response {
    let (registry, query) = (ModelRegistry(call.library), try call.context.query())
    let (client, limit) = (try call.client(query), try query(LibraryQuery.limit) ?? 50)
    let token = try LibraryQuery.token(query)
    let page: Page<ModelRegistry.Answered>
    do throws(Fault) {
      let version = try registry.any(version, of: model)
      page =
        call.scope.covers(client)
        ? try registry.answered(by: version, of: client, limit: limit, after: token)
        : Page(elements: [], next: nil)
    } catch { throw Failure(error, retryAfter: error.kind == .unavailable ? 5 : nil) }
    return .json(
      JSONWriter.object { json in
        json.array("answers") { json in for answer in page.elements { json.object(answer.write) } }
        json.field("more", page.next != nil)
        json.field("next", ifKnown: page.next?.text)
      })
  }

  /// A model with what is said of it.
  private struct Described {
    let model: String
    let versions: [RegisteredVersion]
    let aliases: [AliasMove]

    init(_ model: String, _ registry: ModelRegistry) throws(Fault) {
      self.model = model
      versions = try registry.versions(of: model, withRemoved: true)
      aliases = try registry.aliases(of: model)
    }

    func write(into json: inout JSONWriter) {
      json.field("model", model)
      json.array("versions") { json in for version in versions { json.object(version.write) } }
      json.array("aliases") { json in for move in aliases { json.object(move.write) } }
    }
  }
}
