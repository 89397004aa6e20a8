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
    guard rollout.state.isActive, let known = context.models.rollouts.standing(of: rollout.model),
      known.rollout.id == rollout.id
    else {
      return nil
    }
    return known.news.isEmpty ? nil : known.news
  }

  private static let share: Document = ["type": "number", "minimum": 0, "maximum": 1]

  private static let figures: Document = ["type": "object", "additionalProperties": ["type": "number"]]

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
        "rollout": schema("Rollout"),
        "rule": about(
          "Its comparisons, as they stand.",
          list(
            object(
              [
                "comparison": string,
                "verdict": ["type": "string", "enum": .list(RuleVerdict.allCases.map { .text($0.rawValue) })],
              ], optional: ["seen": about("What is compared; absent where there is nothing yet.", string)]))),
        "evidence": about("Of the stage that it is at.", schema("RolloutEvidence")),
        "history": about(
          "The newest first.",
          list(object(["rollout": schema("Rollout"), "evidence": schema("RolloutEvidence")]))),
      ], optional: ["waits_for": about("What the next step waits for.", string)]),
    "RolloutLine": object(
      ["rollout": schema("Rollout")], optional: ["waits_for": about("What the next step waits for.", string)]),
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
      ],
      optional: [
        "agreement": share, "drift": amount,
        "kept": about(
          "Figures of evaluations and of a trial, where the rule asks for them.",
          object(
            ["candidate": figures, "baseline": figures, "trial": figures],
            optional: ["truth": about("What the evaluations were held against.", string)])),
      ]),
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
