public import Base

/// What came of holding an engine's answers to a network against those of the network's own runtime.
public struct NetworkCheck: Sendable, Hashable {
  public enum Verdict: String, Sendable, CaseIterable {
    /// They agree.
    case right
    /// They do not, and the engine is not used as it was.
    case wrong
    /// Nobody could tell; ``NetworkCheck/reason`` says why.
    case unchecked
  }

  public var verdict: Verdict
  /// Whose answers were looked at, with its version.
  public var engine: String
  /// Whose they were compared with, with its version, or the name of who was missing; empty where there was nobody.
  public var reference = ""
  /// Inputs that were answered by both.
  public var probes = 0
  /// The largest difference of a number, as a share of the range of its output.
  public var largest = 0.0
  /// The mean difference, the same.
  public var mean = 0.0
  /// The output in which the answers are furthest apart.
  public var output = ""
  /// Why they are wrong, or why it is not known; empty where they are right.
  public var reason = ""

  init(_ verdict: Verdict, _ engine: String) { (self.verdict, self.engine) = (verdict, engine) }

  /// `reference` is who was to be compared with.
  static func unchecked(_ engine: String, _ reference: String = "", because reason: String) -> NetworkCheck {
    var check = NetworkCheck(.unchecked, engine)
    (check.reference, check.reason) = (reference, reason)
    return check
  }

  /// For a person: `right: as ONNX Runtime 1.32.0 answers, within 0.00001 of the range, on 3 inputs`.
  public var sentence: String {
    switch verdict {
    case .right:
      "right: as \(reference) answers, within \(Self.share(largest)) of the range of '\(output)', on \(probes) \(probes == 1 ? "input" : "inputs")"
    case .wrong: "wrong: \(reason)"
    case .unchecked: "unchecked: \(reason)"
    }
  }

  /// Of a range: `0.000012`.
  static func share(_ value: Double) -> String { NumberFormat.short(max(value, 1e-6), 6) }

  /// Why the engine is not used.
  var fault: Fault { Fault(.unsupported, reason) }
}

extension NetworkCheck {
  /// What ``fields`` gives; `nil` for anything else.
  public init?(fields: [String]) {
    guard fields.count == 8, let verdict = Verdict(rawValue: fields[0]), let probes = Int(fields[3]),
      let largest = Double(fields[4]), let mean = Double(fields[5])
    else { return nil }
    self.init(verdict, fields[1])
    (reference, self.probes, self.largest, self.mean) = (fields[2], probes, largest, mean)
    (output, reason) = (fields[6], fields[7])
  }

  /// All that is known, one after the other.
  public var fields: [String] {
    [verdict.rawValue, engine, reference, "\(probes)", "\(largest)", "\(mean)", output, reason]
  }

  /// The fields with a tab between them, and nothing else of that kind.
  init?(text: String) {
    self.init(fields: text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
  }

  var text: String {
    fields.map { field in String(field.map { $0 == "\t" || $0.isNewline ? " " : $0 }) }.joined(separator: "\t")
  }
}

extension NetworkCheck {
  /// The verdict, and the figures or the reason behind it.
  public func write(to json: inout JSONWriter) {
    json.field("verdict", verdict.rawValue)
    json.field("engine", engine)
    if !reference.isEmpty { json.field("reference", reference) }
    if probes > 0 {
      json.field("inputs", probes)
      if largest.isFinite { json.field("largest", largest, digits: 9) }
      if mean.isFinite { json.field("mean", mean, digits: 9) }
      json.field("output", output)
    }
    if !reason.isEmpty { json.field("reason", reason) }
  }
}
