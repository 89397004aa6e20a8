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
        .get, path, .model, for: .admin,
        Operation(
          "getRollout", "The last roll-out of a model, what was seen of it, and all that became of its roll-outs",
          ok("RolloutStatus"), failures: [.notFound, .unsupported]),
        answer: status),
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

  private static func status(_ context: RequestContext, _ model: String) throws(Failure) -> Response {
    let book = try book(context)
    do throws(Fault) {
      let history = try book.stages(of: model)
      guard let last = history.first else {
        throw Fault(.notFound, "no version of '\(model)' was rolled out yet: POST to the same address begins it")
      }
      return try response(last.rollout, history, context, book)
    } catch { throw Failure(error) }
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
      let rollout = try book.act(action, on: model, by: context.caller.name, reason: reason)
      return try response(rollout, try book.stages(of: model), context, book)
    } catch { throw Failure(error) }
  }

  private static func response(
    _ rollout: Rollout, _ history: [RolloutEntry], _ context: RequestContext, _ book: any RolloutBook
  ) throws(Fault) -> Response {
    let seen = rollout.state.isActive ? try book.evidence(of: rollout).stage : history.first?.evidence
    let news = context.models.rollouts.standing(of: rollout.model).flatMap {
      $0.rollout.id == rollout.id ? $0.news : nil
    }
    return .json(
      JSONWriter.object { json in
        json.object("rollout") { rollout.write(into: &$0) }
        if let news, !news.isEmpty { json.field("waits_for", news) }
        json.object("evidence") { (seen ?? RolloutEvidence()).report(into: &$0) }
        json.array("history") { json in
          for entry in history {
            json.object { json in
              json.object("rollout") { entry.rollout.write(into: &$0) }
              json.object("evidence") { entry.evidence.report(into: &$0) }
            }
          }
        }
      })
  }

  private static let share: Document = ["type": "number", "minimum": 0, "maximum": 1]

  private static let schemas: Document = [
    "RolloutRequest": object(
      ["version": about("A number, an alias, or the beginning of a digest.", string)],
      optional: [
        "shadow": about("Of all questions, the share that the other version is asked as well.", share),
        "canary": about("Shares of the candidate, step by step; each above the one before.", list(share)),
        "every": about("Seconds that a step takes at least.", amount),
        "rule": about("What must hold; see docs/rollouts.md.", string),
        "tolerance": about(
          "How far apart numbers of raw tensors may be, as a share of what is usual for their kind.", share),
        "reason": string,
      ]),
    "RolloutChange": object([:], optional: ["reason": string]),
    "RolloutStatus": object(
      [
        "rollout": schema("Rollout"), "evidence": about("Of the stage that it is at.", schema("RolloutEvidence")),
        "history": about(
          "The newest first.",
          list(object(["rollout": schema("Rollout"), "evidence": schema("RolloutEvidence")]))),
      ], optional: ["waits_for": about("What the next step waits for.", string)]),
    "Rollout": object(
      [
        "model": schema("Name"), "id": string,
        "state": ["type": "string", "enum": .list(Rollout.State.allCases.map { .text($0.rawValue) })],
        "stage": about("Which of the stages, from 0; the first is the shadow alone, where there is one.", count),
        "share": about("Of requests, that the candidate answers.", share),
        "plan": object([
          "candidate": count, "baseline": count, "shadow": share, "canary": list(share), "every": amount,
          "rule": string, "tolerance": share,
        ]),
        "by": string, "began": moment, "stage_began": moment, "actor": about("Who did the last thing to it.", string),
        "revision": count,
      ], optional: ["paused": moment, "ended": moment, "reason": string]),
    "RolloutEvidence": object(
      [
        "baseline": schema("VersionTally"), "candidate": schema("VersionTally"), "compared": count,
        "shadows": object(["chosen": count, "answered": count, "dropped": count, "failed": count]),
        "requests": object(["routed": count, "routed_to_candidate": count, "rescued": count]),
      ], optional: ["agreement": share, "drift": amount]),
    "VersionTally": object(
      [
        "answers": count, "errors": count, "described": count,
        "labels": ["type": "object", "additionalProperties": count],
      ],
      optional: [
        "p50_ms": amount, "p95_ms": amount, "p99_ms": amount,
        "job_p95_ms": about("In tasks of jobs, whose workers have fewer threads.", amount),
      ]),
  ]
}
