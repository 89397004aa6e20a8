internal import Access
internal import Base
internal import JSON
internal import Rollouts
internal import Serving
internal import Web

/// How a new version of a model takes over, where a registry is served.
///
/// What is told of it was seen in questions of all clients, so it is for those who may move aliases.
enum RolloutRoutes: SchemaWords {
  private static let path = "/v1/registry/models/{model}/rollout"

  static let group = RouteGroup(
    tag: ModelRoutes.tag,
    routes: [
      Route(
        library: .get, "/v1/registry/rollouts", for: .admin,
        Operation(
          "listRollouts", "The last roll-out of every model that had one", answer(json(list(schema("RolloutLine")))),
          failures: [.unsupported]),
        check: isFollowed, answer: list),
      Route(
        library: .get, path, .model, for: .admin,
        Operation(
          "getRollout", "The last roll-out of a model, what was seen of it, and all that became of its roll-outs",
          ok("RolloutStatus"), failures: [.notFound, .unsupported]),
        check: isFollowed, answer: status),
      Route(
        .post, path, .model, for: .admin, body: .small, on: .control,
        Operation(
          "beginRollout", "Has a version take over step by step, as long as a rule holds", ok("RolloutStatus"),
          body: body(json(schema("RolloutRequest"))), failures: [.notFound, .conflict, .unsupported]),
        answer: begin),
      Route(
        .post, path + "/{action}", .model, action, for: .admin, body: .small, on: .control,
        Operation(
          "changeRollout", "Pauses, resumes, promotes or aborts a roll-out", ok("RolloutStatus"),
          body: body(json(schema("RolloutChange")), isRequired: false),
          failures: [.notFound, .conflict, .unsupported]),
        answer: change),
    ], schemas: schemas)

  private static let action = PathParameter(
    "action", component: "RolloutAction", "What is to become of it.", pattern: "^(pause|resume|promote|abort)$")

  private static func book(_ context: RequestContext) throws(Failure) -> any RolloutBook {
    guard let book = context.models.book else {
      throw Failure(
        Fault(.unsupported, "this server follows no registry of models: start it with --library DIR --registry"))
    }
    return book
  }

  @Sendable private static func isFollowed(_ context: RequestContext) throws(Failure) { _ = try book(context) }

  private static func list(_ call: LibraryCall) throws(Failure) -> Response {
    let book = try book(call.context)
    let rollouts = try call.perform { () throws(Fault) in
      // One that cannot be read is told by the server's log, and keeps none of the others back.
      try book.rollouts { _ in }
    }
    return .json(
      JSONWriter.array { json in
        for rollout in rollouts {
          json.object { json in
            json.object("rollout") { rollout.write(into: &$0) }
            json.field("waits_for", ifKnown: news(of: rollout, call.context))
          }
        }
      })
  }

  private static func status(_ call: LibraryCall, _ model: String) throws(Failure) -> Response {
    let book = try book(call.context)
    return try call.perform { () throws(Fault) in
      let history = try book.stages(of: model)
      guard let last = history.first else {
        throw Fault(.notFound, "no version of '\(model)' was rolled out yet: POST to the same address begins it")
      }
      return try response(last.rollout, history, call.context, book)
    }
  }

  private static func begin(_ context: RequestContext, _ body: Body, _ model: String) throws(Failure) -> Response {
    let book = try book(context)
    do throws(Fault) {
      let ask = try body.withBytes { (bytes) throws(Fault) in
        try RolloutAsk(try JSONDocument(parsing: bytes, name: "the request").root)
      }
      let rollout = try book.begin(ask, of: model, by: context.caller.name)
      return try response(rollout, try book.stages(of: model), context, book)
    } catch { throw Failure(error) }
  }

  private enum Key: String, CaseIterable { case reason }

  private static func change(
    _ context: RequestContext, _ body: Body, _ model: String, _ action: String
  ) throws(Failure) -> Response {
    let book = try book(context)
    guard let action = RolloutAction(rawValue: action) else { throw .nothing(at: context.request.path) }
    do throws(Fault) {
      let reason = try body.withBytes { (bytes) throws(Fault) -> String? in
        guard bytes.byteCount > 0 else { return nil }
        return try JSONDocument(parsing: bytes, name: "the request").root.fields(Key.self)[.reason]?.string()
      }
      if action == .promote, let last = try book.stages(of: model).first?.rollout, last.state.isActive {
        try context.models.tried("\(last.plan.candidate)", of: model)
      }
      let rollout = try book.act(action, on: model, by: context.caller.name, reason: reason)
      return try response(rollout, try book.stages(of: model), context, book)
    } catch { throw Failure(error) }
  }

  private static func response(
    _ rollout: Rollout, _ history: [RolloutEntry], _ context: RequestContext, _ book: any RolloutBook
  ) throws(Fault) -> Response {
    let status = try RolloutStatus(rollout, history, in: book)
    return .json(
      JSONWriter.object { json in
        status.write(into: &json)
        json.field("waits_for", ifKnown: news(of: rollout, context))
      })
  }

  /// What the next step waits for, as this server sees it.
  private static func news(of rollout: Rollout, _ context: RequestContext) -> String? {
    guard let known = context.models.rollouts.standing(of: rollout.model), known.rollout.id == rollout.id else {
      return nil
    }
    return known.news.isEmpty ? nil : known.news
  }
}
