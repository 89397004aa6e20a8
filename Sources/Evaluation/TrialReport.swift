public import Base

/// All that is said of a trial.
public struct TrialReport: Sendable {
  /// One of the two versions.
  public struct Side: Sendable, Hashable {
    /// `NAME@VERSION`, or the name of a model that is in no registry.
    public let name: String
    public let digest: String
    /// Frames a second of network time and all that belongs to it; `nil` where its answers were kept.
    public var framesPerSecond: Double?

    public init(name: String, digest: String) { (self.name, self.digest) = (name, digest) }
  }

  public var older: Side
  public var newer: Side
  public let comparison: TrialComparison
  /// Files that were compared, those of them whose older answers were kept, and those that could not be, with the reason.
  public var files = 0
  public var filesKept = 0
  public var failures: [(file: String, reason: String)] = []
  public var verdict: TrialRule.Verdict?
  /// For people: one sentence each.
  public var notes: [String] = []

  public init(older: Side, newer: Side, _ comparison: TrialComparison) {
    (self.older, self.newer, self.comparison) = (older, newer, comparison)
  }

  /// How many times as quick the newer version is.
  public var speed: Double? {
    guard let one = older.framesPerSecond, let two = newer.framesPerSecond, one > 0 else { return nil }
    return two / one
  }

  /// Every file was compared, something was seen on them, and the rule holds where there is one.
  public var isPassed: Bool { failures.isEmpty && comparison.frames > 0 && verdict?.holds ?? true }

  /// Labels by name, those with most differences first.
  public var labels: [(name: String, label: TrialComparison.Label)] {
    comparison.labels.map { (name: $0.key, label: $0.value) }.sorted {
      let (a, b) = ($0.label.items - $0.label.same, $1.label.items - $1.label.same)
      return a == b ? $0.name < $1.name : a > b
    }
  }

  /// Members of its JSON, but for the differences.
  public func write(into json: inout JSONWriter) {
    for (name, side) in [("older", older), ("newer", newer)] as [(JSONWriter.Name, Side)] {
      json.object(name) { json in
        json.field("model", side.name)
        json.field("digest", side.digest)
        json.field("frames_per_second", ifKnown: side.framesPerSecond, digits: 2)
      }
    }
    json.field("speed", ifKnown: speed, digits: 3)
    json.field("files", files)
    json.field("files_kept", filesKept)
    json.field("frames", comparison.frames)
    json.object("all", comparison.all.write)
    json.array("labels") { json in
      for (name, label) in labels {
        json.object { json in
          json.field("label", name)
          label.write(into: &json)
        }
      }
    }
    write(verdict: &json)
    json.field("passed", isPassed)
    json.array("failures") { json in
      for (file, reason) in failures {
        json.object { json in
          json.field("file", file)
          json.field("reason", reason)
        }
      }
    }
    json.field("notes", notes)
  }

  private func write(verdict json: inout JSONWriter) {
    guard let verdict else { return }
    json.object("rule") { json in
      json.field("holds", verdict.holds)
      json.array("clauses") { json in
        for (clause, value, holds) in verdict.clauses {
          json.object { json in
            json.field("clause", clause.text)
            json.field("value", value, digits: 6)
            json.field("holds", holds)
          }
        }
      }
    }
  }
}

extension TrialComparison.Label {
  func write(into json: inout JSONWriter) {
    json.field("items", items)
    json.field("same", same)
    for kind in TrialDifference.Kind.allCases { json.field(.made(kind.rawValue), kinds[kind, default: 0]) }
    json.field("agreement", agreement, digits: 6)
    json.object("shift") { json in
      json.field("mean", shift.mean, digits: 6)
      json.field("mean_distance", shift.meanDistance, digits: 6)
      json.field("p5", shift.quantile(0.05))
      json.field("p50", shift.quantile(0.5))
      json.field("p95", shift.quantile(0.95))
    }
  }
}
