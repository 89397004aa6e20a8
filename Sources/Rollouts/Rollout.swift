public import Base
internal import Items
public import JSON

/// A roll-out of one model, as it stands.
public struct Rollout: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case running
    /// No next step until it is resumed; shares and rules hold on.
    case paused
    /// `live` points to the candidate.
    case promoted
    /// A rule failed, or the candidate crashed or could not be loaded.
    case rolledBack = "rolled_back"
    /// A person ended it.
    case aborted
    /// Somebody moved `live` meanwhile.
    case superseded

    /// Requests go by it.
    public var isActive: Bool { self == .running || self == .paused }
  }

  public let model: String
  public let id: String
  public let plan: RolloutPlan
  public let by: String
  /// Milliseconds since 1970, here and below.
  public let began: Int
  public internal(set) var state = State.running
  /// Which of the plan's stages it is at.
  public internal(set) var stage = 0
  public internal(set) var stageBegan: Int
  /// When it was paused.
  var paused: Int?
  public internal(set) var ended: Int?
  /// Why it is where it is: why it was begun, or how it ended.
  public internal(set) var reason: String?
  /// Who did the last thing to it.
  public internal(set) var actor: String
  /// Grows with each change.
  public internal(set) var revision = 0

  public init(model: String, id: String, plan: RolloutPlan, by: String, reason: String?, at moment: Int) {
    (self.model, self.id, self.plan, self.by, self.reason) = (model, id, plan, by, reason)
    (began, stageBegan, actor) = (moment, moment, by)
  }

  /// When it last went on, was paused or ended.
  public var changedAt: Int { ended ?? paused ?? stageBegan }

  /// The share of requests that the candidate answers.
  public var share: Double {
    switch state {
    case .running, .paused: plan.stages[stage]
    case .promoted: 1
    case .rolledBack, .aborted, .superseded: 0
    }
  }

  /// The share of questions that the other version is asked as well.
  public var shadow: Double { state.isActive ? plan.shadow : 0 }

  public var canaryShare: RolloutShare { RolloutShare(model: model, rollout: id, .canary) }
  public var shadowShare: RolloutShare { RolloutShare(model: model, rollout: id, .shadow) }

  private enum Key: String, CaseIterable {
    case model, id, plan, by, began, state, stage, paused, ended, reason, actor, revision
    case stageBegan = "stage_began"
    case share
  }

  /// The body of its item, and its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("model", model)
    json.field("id", id)
    json.field("state", state.rawValue)
    json.field("stage", stage)
    json.field("share", share, digits: 6)
    json.object("plan") { plan.write(into: &$0) }
    json.field("by", by)
    json.field("began", CompositeKey.time(milliseconds: began))
    json.field("stage_began", CompositeKey.time(milliseconds: stageBegan))
    json.field("paused", ifKnown: paused.map(CompositeKey.time))
    json.field("ended", ifKnown: ended.map(CompositeKey.time))
    json.field("reason", ifKnown: reason)
    json.field("actor", actor)
    json.field("revision", revision)
  }

  /// What can be read of one that another server wrote: its versions and how it stands, with the usual rule; enough to end it.
  public static func salvaged(_ value: JSONValue) throws(Fault) -> Rollout {
    let fields = try value.fields(Key.self, others: .ignored)
    var one = Rollout(
      model: try fields.required(.model).string(), id: try fields.required(.id).string(),
      plan: try RolloutPlan.salvaged(try fields.required(.plan)), by: try fields.required(.by).string(),
      reason: nil, at: try Self.moment(fields.required(.began)))
    one.state = (try? fields[.state]?.choice(of: State.self)) ?? .running
    one.revision = try fields.required(.revision).integer(in: 0 ... .max)
    return one
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    self.init(
      model: try fields.required(.model).string(), id: try fields.required(.id).string(),
      plan: try RolloutPlan(try fields.required(.plan)), by: try fields.required(.by).string(),
      reason: try fields[.reason]?.string(), at: try Self.moment(fields.required(.began)))
    state = try fields.required(.state).choice()
    stage = try fields.required(.stage).integer(in: 0...plan.stages.count - 1)
    stageBegan = try Self.moment(fields.required(.stageBegan))
    paused = try fields[.paused].map { (value) throws(Fault) in try Self.moment(value) }
    ended = try fields[.ended].map { (value) throws(Fault) in try Self.moment(value) }
    actor = try fields.required(.actor).string()
    revision = try fields.required(.revision).integer(in: 0 ... .max)
  }

  private static func moment(_ value: JSONValue) throws(Fault) -> Int {
    guard let moment = CompositeKey.milliseconds(of: try value.string()) else { throw value.fault("this is no moment") }
    return moment
  }
}
