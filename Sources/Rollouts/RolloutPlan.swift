public import Base
public import JSON

/// What was asked for: who is to take over from whom, in which steps, and what must hold.
public struct RolloutPlan: Sendable, Hashable {
  /// Versions of the model: the one that is to take over, and the one that `live` pointed to.
  public let candidate: Int
  public let baseline: Int
  /// Of all questions, the share that the other version is asked as well, 0 to 1.
  public let shadow: Double
  /// Shares of requests that the candidate answers, step by step, each above the one before, up to 1; none promotes by hand alone.
  public let canary: [Double]
  /// Milliseconds that a step takes at least.
  public let every: Int
  public let rule: RolloutRule
  /// How far apart numbers of raw tensors may be, as a share of their own size or of what is usual for their kind.
  public let tolerance: Double

  /// What is asked for where nothing is said.
  public static let (usualShadow, usualCanary, usualEvery) = (0.1, [0.05, 0.25, 1.0], 600_000)
  public static let usualRule = "errors == 0 and p95 < 1.5x and agreement > .9"
  public static let usualTolerance = 0.01
  /// Answers of the candidate that a step needs where its rule does not say.
  public static let usualMinimum = 100
  static let mostSteps = 20
  /// Of all questions; shares are millionths.
  private static let leastShare = 1e-6

  /// Faults are `badInput`, with what to say instead.
  public init(
    candidate: Int, baseline: Int, shadow: Double = usualShadow, canary: [Double] = usualCanary,
    every: Int = usualEvery, rule: RolloutRule, tolerance: Double = usualTolerance
  ) throws(Fault) {
    guard ([shadow] + canary).allSatisfy({ $0 == 0 || $0 >= Self.leastShare }) else {
      throw Fault(.badInput, "a share is 0% or 0.0001% at least")
    }
    (self.candidate, self.baseline, self.every, self.rule) = (candidate, baseline, every, rule)
    // As they are written, so that they are read as the same.
    self.shadow = Self.rounded(shadow, 1e6)
    self.canary = canary.map { Self.rounded($0, 1e6) }
    self.tolerance = Self.rounded(tolerance, 1e9)
    try check()
  }

  private static func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }

  private func check() throws(Fault) {
    guard candidate > 0, baseline > 0, candidate != baseline else {
      throw Fault(.badInput, "version \(candidate) is live already: there is nothing to roll out")
    }
    guard (0...1).contains(shadow), shadow > 0 || !canary.isEmpty else {
      throw Fault(.badInput, "a roll-out has a shadow of up to 100%, or steps of a canary, or both")
    }
    guard canary.count <= Self.mostSteps, canary.allSatisfy({ $0 > 0 && $0 <= 1 }),
      zip(canary, canary.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw Fault(.badInput, "steps of a canary are shares that rise, up to 100%, such as 5%,25%,100%") }
    guard (1000...30 * 86_400_000).contains(every) else {
      throw Fault(.badInput, "a step takes 1s to 30d")
    }
    guard tolerance >= 0, tolerance <= 1 else { throw Fault(.badInput, "the tolerance is a share of 0 to 1") }
    guard shadow > 0 || !rule.needsShadow else {
      throw Fault(.badInput, "'agreement' needs questions that both versions answer: give a shadow, such as 10%")
    }
    guard shadow > 0 || !rule.needsBaseline || canary.first ?? 1 < 1 else {
      throw Fault(.badInput, "the rule compares with the baseline, which is asked nothing: begin with a smaller step")
    }
  }

  /// The shares of the candidate, stage by stage: none while there is a shadow alone.
  public var stages: [Double] { (shadow > 0 ? [0] : []) + canary }

  /// Answers of the candidate that each step needs.
  public var minimum: Int { max(1, rule.minimum ?? Self.usualMinimum) }

  private enum Key: String, CaseIterable { case candidate, baseline, shadow, canary, every, rule, tolerance }

  /// The members of its JSON on every surface: shares of 1, and seconds.
  public func write(into json: inout JSONWriter) {
    json.field("candidate", candidate)
    json.field("baseline", baseline)
    json.field("shadow", shadow, digits: 6)
    json.array("canary") { json in for share in canary { json.number(share, digits: 6) } }
    json.field("every", Double(every) / 1000, digits: 3)
    json.field("rule", RuleText.text(rule))
    json.field("tolerance", tolerance, digits: 9)
  }

  /// Its versions, with all else as it is where nothing is said.
  static func salvaged(_ value: JSONValue) throws(Fault) -> RolloutPlan {
    let fields = try value.fields(Key.self, others: .ignored)
    return try RolloutPlan(
      candidate: try fields.required(.candidate).integer(), baseline: try fields.required(.baseline).integer(),
      rule: try RuleText.read(usualRule))
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    var canary: [Double] = []
    for share in try fields.required(.canary).elements() { canary.append(try share.number()) }
    try self.init(
      candidate: try fields.required(.candidate).integer(), baseline: try fields.required(.baseline).integer(),
      shadow: try fields.required(.shadow).number(), canary: canary,
      every: try Self.milliseconds(try fields.required(.every)),
      rule: try RuleText.read(try fields.required(.rule).string()), tolerance: try fields.required(.tolerance).number())
  }

  /// Seconds as milliseconds.
  static func milliseconds(_ value: JSONValue) throws(Fault) -> Int {
    let seconds = try value.number()
    guard seconds >= 0, seconds <= 1e9 else { throw value.fault("expected seconds") }
    return Int((seconds * 1000).rounded())
  }
}
