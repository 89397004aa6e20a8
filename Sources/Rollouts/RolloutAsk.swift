public import Base
public import JSON

/// What somebody asks for, before it is known which versions there are.
public struct RolloutAsk: Sendable, Hashable {
  /// A number, an alias, or the beginning of a digest.
  public var version: String
  public var shadow = RolloutPlan.usualShadow
  public var canary = RolloutPlan.usualCanary
  /// Milliseconds.
  public var every = RolloutPlan.usualEvery
  public var rule: String?
  public var tolerance = RolloutPlan.usualTolerance
  public var reason: String?

  public init(version: String) { self.version = version }

  /// The plan; the usual rule without agreement where there is no shadow.
  public func plan(candidate: Int, baseline: Int) throws(Fault) -> RolloutPlan {
    let usual = shadow > 0 ? RolloutPlan.usualRule : "errors == 0 and p95 < 1.5x"
    return try RolloutPlan(
      candidate: candidate, baseline: baseline, shadow: shadow, canary: canary, every: every,
      rule: try RuleText.read(rule ?? usual), tolerance: tolerance)
  }

  private enum Key: String, CaseIterable { case version, shadow, canary, every, rule, tolerance, reason }

  /// The JSON of a request: shares of 1, and seconds.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    self.init(version: try fields.required(.version).string())
    if let share = fields[.shadow] { shadow = try share.number() }
    if let shares = fields[.canary] {
      canary = []
      for share in try shares.elements() { canary.append(try share.number()) }
    }
    if let seconds = fields[.every] { every = try RolloutPlan.milliseconds(seconds) }
    rule = try fields[.rule]?.string()
    if let share = fields[.tolerance] { tolerance = try share.number() }
    reason = try fields[.reason]?.string()
  }

  /// `10%` or `.1` as a share of 0 to 1; `nil` for anything else.
  public static func share(_ text: String) -> Double? {
    let isPercent = text.hasSuffix("%")
    let digits = isPercent ? String(text.dropLast()) : text
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 == UInt8(ascii: ".") }),
      let number = Double(digits.hasPrefix(".") ? "0" + digits : digits)
    else { return nil }
    let share = isPercent ? number / 100 : number
    return share <= 1 ? share : nil
  }
}
