public import Base
public import JSON

/// By which roll-outs an item of a job goes, and so which versions of models answer it: chosen once, when it is begun.
public struct ItemRoute: Sendable, Hashable {
  /// What one roll-out has drawn for it.
  public struct Turn: Sendable, Hashable {
    public let model: String
    /// The roll-out's id.
    public let rollout: String
    /// The candidate is to answer.
    public let isCandidate: Bool
    /// The other version is to be asked as well, unseen.
    public let isShadowed: Bool

    public init(model: String, rollout: String, isCandidate: Bool, isShadowed: Bool) {
      (self.model, self.rollout, self.isCandidate, self.isShadowed) = (model, rollout, isCandidate, isShadowed)
    }
  }

  /// Why a candidate that was drawn is not asked after all.
  public struct Loss: Sendable, Hashable {
    public let reason: String
    /// The models whose candidates it is an error of, once the item is answered without them.
    public let models: [String]

    public init(_ reason: String, errorOf models: [String] = []) {
      (self.reason, self.models) = (String(reason.prefix(300)), models)
    }
  }

  /// What is another about a pipeline with other versions of its models in it.
  public struct Variant: Sendable, Hashable {
    public let digest: String
    public let models: [String]
    public let published: [String]

    public init(_ pinned: Job.Pinned) {
      (digest, models, published) = (pinned.digest, pinned.models, pinned.published)
    }
  }

  public private(set) var turns: [Turn]
  /// The pipeline with the candidates in it, where any is drawn; else it is the job's.
  ///
  /// `nil` too for as long as it is not known whether drawn ones can be had: they are tried for the first time, or were when the worker was lost.
  public var candidate: Variant?
  /// The baselines answer in the candidates' place, and nobody is asked as well.
  public var loss: Loss?
  /// The model of which the other version is being asked as well, or was when the worker was lost.
  public var asking: String?

  public init(_ turns: [Turn], candidate: Variant?) { (self.turns, self.candidate) = (turns, candidate) }

  /// A candidate is to answer.
  public var isToCandidate: Bool { loss == nil && !candidates.isEmpty }

  /// The candidates that are to answer, by their models.
  public var candidates: [String] { turns.filter(\.isCandidate).map(\.model) }

  /// The version that is being asked as well is not asked any more, and never again: it may be what cost the worker.
  public mutating func giveUpAsking() {
    turns = turns.map { turn in
      guard turn.model == asking else { return turn }
      return Turn(model: turn.model, rollout: turn.rollout, isCandidate: turn.isCandidate, isShadowed: false)
    }
    asking = nil
  }
}

extension JobItem {
  /// The pipeline that it is looked at with: the job's, or the same with versions that are being rolled out.
  public func pinned(in job: Job) -> Job.Pinned {
    var pinned = job.pipelines[pipeline]
    guard let route, route.isToCandidate, let candidate = route.candidate else { return pinned }
    (pinned.digest, pinned.models, pinned.published) = (candidate.digest, candidate.models, candidate.published)
    return pinned
  }
}

extension ItemRoute {
  private enum Key: String, CaseIterable { case turns, candidate, loss, asking }
  private enum TurnKey: String, CaseIterable { case model, rollout, candidate, shadow }
  private enum LossKey: String, CaseIterable { case reason, errors }

  public func write(into json: inout JSONWriter) {
    json.array("turns") { json in
      for turn in turns {
        json.object { json in
          json.field("model", turn.model)
          json.field("rollout", turn.rollout)
          json.field("candidate", turn.isCandidate)
          json.field("shadow", turn.isShadowed)
        }
      }
    }
    if let candidate {
      json.object("candidate") { json in
        json.field("digest", candidate.digest)
        json.field("models", candidate.models)
        json.field("published", candidate.published)
      }
    }
    if let loss {
      json.object("loss") { json in
        json.field("reason", loss.reason)
        json.field("errors", loss.models)
      }
    }
    json.field("asking", ifKnown: asking)
  }

  /// Reads what ``write(into:)`` wrote.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    var turns: [Turn] = []
    for element in try fields.required(.turns).elements() {
      let turn = try element.fields(TurnKey.self, others: .ignored)
      turns.append(
        Turn(
          model: try turn.required(.model).string(), rollout: try turn.required(.rollout).string(),
          isCandidate: try turn.required(.candidate).bool(), isShadowed: try turn.required(.shadow).bool()))
    }
    self.init(turns, candidate: try fields[.candidate].map { (value) throws(Fault) in try Variant(value) })
    loss = try fields[.loss].map { (value) throws(Fault) in
      let loss = try value.fields(LossKey.self, others: .ignored)
      return Loss(try loss.required(.reason).string(), errorOf: try loss.required(.errors).strings())
    }
    asking = try fields[.asking]?.string()
  }
}

extension ItemRoute.Variant {
  fileprivate init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    (models, published) = (try fields.required(.models).strings(), try fields.required(.published).strings())
    digest = try fields.required(.digest).string()
  }

  fileprivate enum Key: String, CaseIterable { case digest, models, published }
}
