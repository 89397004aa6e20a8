public import Base
internal import Items
public import JSON
public import Rollouts

/// Which nodes an update is for.
public enum UpdateTarget: Sendable, Hashable {
  case fleet
  case group(String)
  case node(String)

  public func has(node: String, groups: [String]) -> Bool {
    switch self {
    case .fleet: true
    case .group(let name): groups.contains { $0.hasSameBytes(as: name) }
    case .node(let name): node.hasSameBytes(as: name)
    }
  }

  /// `fleet`, `group west`, `node dock`.
  public var text: String {
    switch self {
    case .fleet: "fleet"
    case .group(let name): "group \(name)"
    case .node(let name): "node \(name)"
    }
  }

  public init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    switch (words.first, words.count) {
    case ("fleet", 1): self = .fleet
    case ("group", 2): self = .group(words[1])
    case ("node", 2): self = .node(words[1])
    default: return nil
    }
  }
}

/// How an update goes from node to node.
public struct UpdatePlan: Sendable, Hashable {
  /// The shares that have it one after the other, rising, 1 at the end; of each at least one node.
  public let stages: [Double]
  /// Milliseconds that each stage lasts at least.
  public let every: Int
  /// What has to hold of the nodes that have it, beside those that do not; `nil` for their health alone.
  public let rule: RolloutRule?
  /// Milliseconds without a beat after which a node that has not begun is not waited for.
  public let patience: Int

  public static let usualPatience = 15 * 60_000

  /// - Throws: `badInput` where the shares do not rise from above 0 to 1, or the rule asks what nodes do not tell.
  public init(stages: [Double], every: Int, rule: RolloutRule?, patience: Int = usualPatience) throws(Fault) {
    let rises = zip(stages, stages.dropFirst()).allSatisfy { $0 < $1 }
    guard stages.count <= 20, rises, let first = stages.first, first > 0, stages.last == 1 else {
      throw Fault(.badInput, "the shares of a canary rise, such as 5%,25%: up to 19 of them, above 0 and below 100%")
    }
    for (term, _, _) in rule?.comparisons ?? [] {
      switch term {
      case .agreement, .evaluation, .trial, .drift, .labelCount:
        throw Fault(
          .badInput,
          "the rule of an update asks what nodes tell: p50, p95, p99, errors, error_rate and count; agreement, drift, labels, evaluations and trials are for 'ridley model rollout' at the centre"
        )
      case .percentile, .errors, .errorRate, .count: break
      }
    }
    (self.stages, self.every, self.rule, self.patience) = (stages, every, rule, patience)
  }
}

extension UpdatePlan {
  /// - Throws: `badInput` where the rule compares with other nodes, and none of so many is left in the first step.
  public func check(nodes count: Int) throws(Fault) {
    guard let rule, rule.needsOthers, stages[0] == 1 || count == 1 else { return }
    let first = rule.comparisons.first { $0.bound.unit == .times }
    let text = RuleText.text(first.map { .comparison($0.term, $0.comparison, $0.bound) } ?? rule)
    let way = count == 1 ? "" : "let some wait with '--canary 50%', or "
    throw Fault(
      .badInput,
      "'\(text)' can never be decided: there are no other nodes to compare with where \(count == 1 ? "it is for one node" : "all have it at once"): \(way)give a bound of its own, such as 'p95 < 80ms'"
    )
  }
}

/// One update of a fleet, as it stands.
public struct FleetUpdate: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case running
    /// Every node that it is for may have it, for good.
    case done
    /// A rule failed, a node left it, or a person stopped it: those that have it go back.
    case stopped
    /// A newer one took its place in everything, for all its nodes: those that have it keep it until that one comes, and no others get it.
    case replaced
  }

  public let version: Int
  public let target: UpdateTarget
  public let plan: UpdatePlan
  /// What it decides on a node: ``Bundle/parts``.
  public let parts: Set<String>
  /// What was asked for, as people say it: `yolox-nano@2`, `inspector@7 (live)`, `program 1.2 (x86_64)`, `back to 3`; else its ``parts``.
  public let what: [String]
  /// The signed bundle, an object.
  public let bundle: String
  /// Who asked for it, in their own words, and when, in milliseconds since 1970.
  public let by: String
  public let began: Int
  public internal(set) var state = State.running
  /// Which of the plan's stages it is at.
  public internal(set) var stage = 0
  public internal(set) var stageBegan: Int
  /// Nodes that may have it in a stage that is not for all; none before the first was drawn.
  public internal(set) var drawn: [String] = []
  /// Why it is where it is.
  public internal(set) var reason: String?
  /// No node takes it any more and no way back leads to it, so its bytes are not kept for it.
  public internal(set) var hasReleasedBytes = false

  public init(
    version: Int, target: UpdateTarget, plan: UpdatePlan, parts: Set<String>, what: [String]? = nil, bundle: String,
    by: String, at moment: Int
  ) {
    (self.version, self.target, self.plan, self.parts) = (version, target, plan, parts)
    self.what = what ?? parts.sorted()
    (self.bundle, self.by, began, stageBegan) = (bundle, by, moment, moment)
  }

  /// The share of its nodes that may have it.
  public var share: Double { state == .done ? 1 : state == .running ? plan.stages[stage] : 0 }

  /// The same without the names of nodes that its reader may not know, and without the reason where such may stand in it.
  public func shown(reason isKnown: Bool, to mayKnow: (_ node: String) -> Bool) -> FleetUpdate {
    var shown = self
    shown.drawn = drawn.filter(mayKnow)
    if !isKnown { shown.reason = nil }
    return shown
  }

  /// The same, after its bytes were let go of.
  public func releasingBytes() -> FleetUpdate {
    var next = self
    next.hasReleasedBytes = true
    return next
  }

  /// Whether it is for all nodes of an older one, says all that that one says, and was not stopped.
  public func replaces(_ older: FleetUpdate) -> Bool {
    (state == .running || state == .done) && version > older.version && parts.isSuperset(of: older.parts)
      && (target == .fleet || target == older.target)
  }

  /// Whether a node that it is for may have it now.
  public func isReleased(to node: String) -> Bool {
    share == 1 || state == .running && drawn.contains { $0.hasSameBytes(as: node) }
  }
}

extension FleetUpdate {
  private enum Key: String, CaseIterable {
    case version, target, stages, every, rule, patience, parts, what, bundle, by, began, state, stage, drawn, reason
    case share, released
    case stageBegan = "stage_began"
  }

  /// The body of its item.
  public var json: [UInt8] { JSONWriter.object(capacity: 512, write) }

  /// The members that are its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("version", version)
    json.field("state", state.rawValue)
    json.field("target", target.text)
    json.field("share", share, digits: 6)
    json.field("stage", stage)
    json.array("stages") { json in for share in plan.stages { json.number(share, digits: 6) } }
    json.field("every", Double(plan.every) / 1000, digits: 3)
    json.field("rule", ifKnown: plan.rule.map(RuleText.text))
    json.field("patience", Double(plan.patience) / 1000, digits: 3)
    json.field("parts", parts.sorted())
    json.field("what", what)
    json.field("bundle", bundle)
    json.field("by", by)
    json.field("began", CompositeKey.time(milliseconds: began))
    json.field("stage_began", CompositeKey.time(milliseconds: stageBegan))
    json.field("drawn", drawn)
    json.field("reason", ifKnown: reason)
    if hasReleasedBytes { json.field("released", true) }
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let word = try fields.required(.target)
    guard let target = UpdateTarget(try word.string()) else { throw word.fault("this is no target of an update") }
    var stages: [Double] = []
    for share in try fields.required(.stages).elements() { stages.append(try share.number()) }
    let plan = try UpdatePlan(
      stages: stages, every: Int((try fields.required(.every).number() * 1000).rounded()),
      rule: try fields[.rule].map { (value) throws(Fault) in try RuleText.read(try value.string()) },
      patience: Int((try fields.required(.patience).number() * 1000).rounded()))
    self.init(
      version: try fields.required(.version).integer(in: 1 ... .max), target: target, plan: plan,
      parts: Set(try Self.texts(fields.required(.parts))),
      what: try fields[.what].map { (value) throws(Fault) in try Self.texts(value) },
      bundle: try fields.required(.bundle).string(),
      by: try fields.required(.by).string(), at: try Self.moment(fields.required(.began)))
    state = try fields.required(.state).choice()
    stage = try fields.required(.stage).integer(in: 0...stages.count - 1)
    stageBegan = try Self.moment(fields.required(.stageBegan))
    drawn = try Self.texts(fields.required(.drawn))
    reason = try fields[.reason]?.string()
    hasReleasedBytes = try fields[.released]?.bool() ?? false
  }

  private static func texts(_ value: JSONValue) throws(Fault) -> [String] {
    var texts: [String] = []
    for text in try value.elements() { texts.append(try text.string()) }
    return texts
  }

  private static func moment(_ value: JSONValue) throws(Fault) -> Int {
    guard let moment = CompositeKey.milliseconds(of: try value.string()) else { throw value.fault("this is no moment") }
    return moment
  }
}
