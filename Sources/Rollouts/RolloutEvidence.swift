public import Base
public import JSON

/// How far two versions said the same to the same.
public struct AgreementTally: Sendable, Hashable {
  /// Pictures, frames or tensors that both answered.
  public var compared = 0
  /// Things that both said, and those that only one of them said.
  public var both = 0
  public var apart = 0

  public init() {}

  /// Of all that was said, the share that both said, 0 to 1: twice what is in both, of what either said; `nil` where neither said anything.
  public var share: Double? {
    both + apart > 0 ? Double(2 * both) / Double(2 * both + apart) : nil
  }

  public mutating func merge(_ other: AgreementTally) {
    compared += other.compared
    both += other.both
    apart += other.apart
  }
}

/// What became of the questions that were to be asked of the other version as well.
public struct ShadowTally: Sendable, Hashable {
  public var chosen = 0
  public var answered = 0
  /// The server had no time for them.
  public var dropped = 0
  /// The other version gave no answer.
  public var failed = 0

  public init() {}

  public mutating func merge(_ other: ShadowTally) {
    chosen += other.chosen
    answered += other.answered
    dropped += other.dropped
    failed += other.failed
  }
}

/// What was seen of both versions in one step.
public struct RolloutEvidence: Sendable, Hashable {
  public var baseline = VersionTally()
  public var candidate = VersionTally()
  public var agreement = AgreementTally()
  public var shadows = ShadowTally()
  /// Requests, and looks of streams, that went to the candidate, of those that went by the rollout.
  public var routed = 0
  public var routedToCandidate = 0
  /// Those of them that the baseline answered because the candidate did not.
  public var rescued = 0
  /// What evaluations and trials say, where the rule asks for it.
  public var kept = KeptFigures()

  public init() {}

  public var isEmpty: Bool { self == RolloutEvidence() }

  public mutating func merge(_ other: RolloutEvidence) {
    baseline.merge(other.baseline)
    candidate.merge(other.candidate)
    agreement.merge(other.agreement)
    shadows.merge(other.shadows)
    routed += other.routed
    routedToCandidate += other.routedToCandidate
    rescued += other.rescued
    if kept.isEmpty { kept = other.kept }
  }

  private enum Key: String, CaseIterable { case baseline, candidate, agreement, shadows, requests, kept }
  private enum AgreementKey: String, CaseIterable { case compared, both, apart }
  private enum ShadowKey: String, CaseIterable { case chosen, answered, dropped, failed }
  private enum RequestKey: String, CaseIterable {
    case routed, rescued
    case routedToCandidate = "routed_to_candidate"
  }

  /// Its JSON, which ``init(_:)`` reads.
  public var json: [UInt8] {
    JSONWriter.object { json in
      json.object("baseline") { baseline.write(into: &$0) }
      json.object("candidate") { candidate.write(into: &$0) }
      json.object("agreement") { json in
        json.field("compared", agreement.compared)
        json.field("both", agreement.both)
        json.field("apart", agreement.apart)
      }
      writeCounts(into: &json)
    }
  }

  /// The members that are the same in what is kept and in what is told: counts of shadows and of requests, figures of evaluations.
  func writeCounts(into json: inout JSONWriter) {
    json.object("shadows") { json in
      json.field("chosen", shadows.chosen)
      json.field("answered", shadows.answered)
      json.field("dropped", shadows.dropped)
      json.field("failed", shadows.failed)
    }
    json.object("requests") { json in
      json.field("routed", routed)
      json.field("routed_to_candidate", routedToCandidate)
      json.field("rescued", rescued)
    }
    if !kept.isEmpty { json.object("kept", kept.write) }
  }

  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    baseline = try VersionTally(try fields.required(.baseline))
    candidate = try VersionTally(try fields.required(.candidate))
    let agreement = try fields.required(.agreement).fields(AgreementKey.self, others: .ignored)
    self.agreement.compared = try agreement.required(.compared).integer(in: 0 ... .max)
    self.agreement.both = try agreement.required(.both).integer(in: 0 ... .max)
    self.agreement.apart = try agreement.required(.apart).integer(in: 0 ... .max)
    let shadows = try fields.required(.shadows).fields(ShadowKey.self, others: .ignored)
    self.shadows.chosen = try shadows.required(.chosen).integer(in: 0 ... .max)
    self.shadows.answered = try shadows.required(.answered).integer(in: 0 ... .max)
    self.shadows.dropped = try shadows.required(.dropped).integer(in: 0 ... .max)
    self.shadows.failed = try shadows.required(.failed).integer(in: 0 ... .max)
    let requests = try fields.required(.requests).fields(RequestKey.self, others: .ignored)
    routed = try requests.required(.routed).integer(in: 0 ... .max)
    routedToCandidate = try requests.required(.routedToCandidate).integer(in: 0 ... .max)
    rescued = try requests.required(.rescued).integer(in: 0 ... .max)
    kept = try fields[.kept].map { (value) throws(Fault) in try KeptFigures(value) } ?? KeptFigures()
  }
}
