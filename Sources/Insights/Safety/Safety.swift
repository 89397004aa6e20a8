public import Base

/// What was found in a film by a mapping, with what it stands on, and what nobody looked for.
public struct Safety: Sendable, Hashable {
  /// A network, and the number of frames that it answered about.
  public struct Witness: Sendable, Hashable {
    public let network: AnsweringNetwork
    public let frames: Int
  }

  /// One answer of one network.
  public struct Evidence: Sendable, Hashable {
    public let frame: Int
    /// Seconds.
    public let time: Double
    public let network: String
    public let version: String
    public let label: String
    public let score: Double
    /// Fractions of the upright picture; `nil` for the whole.
    public let box: Rect?
  }

  /// A sight that held long enough.
  public struct Segment: Sendable, Hashable {
    public let span: TimeSpan
    /// The rule that it is by.
    public let rule: String
    /// Mean, over its frames that held, of the highest score at which the networks would still agree, 0 to 1.
    public let score: Double
    /// Frames that held.
    public let frames: Int
    /// The surest frames, the surest first.
    public let evidence: [Evidence]
  }

  /// All sights of one category and tier, in order of time.
  public struct Finding: Sendable, Hashable {
    public let category: SafetyMapping.Category
    public let risk: Risk
    /// That of the surest segment.
    public let score: Double
    public let segments: [Segment]
  }

  /// What was seen, but too shortly or by too few networks to be judged by.
  public struct Doubt: Sendable, Hashable {
    public let category: SafetyMapping.Category
    public let rule: String
    public let risk: Risk
    public let tooShort: Int
    public let disagreedFrames: Int
  }

  public struct Scene: Sendable, Hashable {
    public let span: TimeSpan
    /// With none looked at, no findings mean nothing.
    public let frames: Int
    public let findings: [Finding]
    public var risk: Risk? { findings.map(\.risk).max() }
  }

  /// What was looked for in a category, by which networks, and the worst tier that they could have given.
  public struct Assessed: Sendable, Hashable {
    public let category: SafetyMapping.Category
    public let networks: [String]
    public let labels: [String]
    public let worst: Risk
  }

  public let taxonomy: Versioned
  public let mapping: Versioned
  /// Ids of the taxonomy for the tiers, where it has some.
  public let riskIds: [Risk: String]
  public let networks: [Witness]
  /// Frames that were looked at.
  public let frames: Int
  /// The worst first, then by category.
  public let findings: [Finding]
  public let doubts: [Doubt]
  public let scenes: [Scene]
  public let assessed: [Assessed]
  /// Ids of categories that no network of the run has an opinion on.
  public let notAssessed: [String]

  /// The film's tier: the worst of what held; `nil` where nothing did, which is no word about what was not assessed.
  public var risk: Risk? { findings.map(\.risk).max() }

  static func findings(_ verdicts: [RuleVerdict], _ mapping: SafetyMapping) -> [Finding] {
    var findings: [Finding] = []
    for risk in Risk.allCases {
      for category in mapping.categories {
        let segments = verdicts.filter { $0.rule.risk == risk && $0.rule.category == category.id }.flatMap(\.segments)
        guard let surest = segments.map(\.score).max() else { continue }
        let sorted = segments.sorted { ($0.span.start, $0.rule) < ($1.span.start, $1.rule) }
        findings.append(Finding(category: category, risk: risk, score: surest, segments: sorted))
      }
    }
    return findings
  }

  static func doubts(_ verdicts: [RuleVerdict], _ mapping: SafetyMapping) -> [Doubt] {
    verdicts.filter { $0.short > 0 || $0.disagreed > 0 }.compactMap { verdict in
      mapping.categories.first { $0.id == verdict.rule.category }.map { category in
        Doubt(
          category: category, rule: verdict.rule.name, risk: verdict.rule.risk, tooShort: verdict.short,
          disagreedFrames: verdict.disagreed)
      }
    }
  }
}
