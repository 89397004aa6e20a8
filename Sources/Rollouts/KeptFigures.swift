public import Base
internal import JSON

/// What is kept with both versions of a rollout: figures of evaluations, and of a trial of the candidate beside the baseline.
///
/// By the names that rules use; what is not kept, or was not whole, is not in it.
public struct KeptFigures: Sendable, Hashable {
  /// Of the candidate's newest whole evaluation.
  public var candidate: [String: Double] = [:]
  /// Of the baseline's newest whole evaluation over the same truth.
  public var baseline: [String: Double] = [:]
  /// What these evaluations were held against, in the words of who made the candidate's.
  public var truth: String?
  /// Of the candidate's newest trial beside the baseline.
  public var trial: [String: Double] = [:]

  public init() {}

  public var isEmpty: Bool { candidate.isEmpty && baseline.isEmpty && trial.isEmpty }

  /// What evaluations are asked for behind `evaluation.`.
  public static let evaluationNames = [
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium",
    "ar_large", "precision", "recall", "f1", "top1", "top5", "macro_f1", "ece",
  ]
  /// Other names that people have for some of them.
  static let otherNames = ["map": "ap", "map50": "ap50", "map75": "ap75"]

  /// What trials are asked for behind `trial.`; `passed` is 1 where the trial's own rule held of every file, else 0.
  public static let trialNames = [
    "agreement", "appeared", "gone", "moved", "relabelled", "rescored", "items", "speed", "passed",
  ]

  private enum Key: String, CaseIterable { case candidate, baseline, trial, truth }

  /// The members of its JSON on every surface, which ``init(_:)`` reads.
  public func write(into json: inout JSONWriter) {
    for (name, figures) in [("candidate", candidate), ("baseline", baseline), ("trial", trial)]
      as [(JSONWriter.Name, [String: Double])]
    {
      json.object(name) { json in
        for (figure, value) in figures.sorted(by: { $0.key < $1.key }) {
          json.field(JSONWriter.Name(figure), value, digits: 6)
        }
      }
    }
    json.field("truth", ifKnown: truth)
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    truth = try fields[.truth]?.string()
    candidate = try Self.figures(fields[.candidate])
    baseline = try Self.figures(fields[.baseline])
    trial = try Self.figures(fields[.trial])
  }

  private static func figures(_ value: JSONValue?) throws(Fault) -> [String: Double] {
    var figures: [String: Double] = [:]
    guard let value else { return figures }
    for (name, figure) in try value.members() { figures[name] = try figure.number() }
    return figures
  }
}
