public import Base

/// One file of a run over a list of files, as the run's own summary and page tell of it.
public struct RunEntry: Sendable, Hashable {
  public struct Label: Sendable, Hashable {
    public var label: String
    public var count: Int

    public init(_ label: String, _ count: Int) { (self.label, self.count) = (label, count) }
  }

  /// As predictions name it, and the path it was opened by.
  public var file: String
  public var path: String
  /// The folder of its report, from the run's folder.
  public var report: String?
  public var frames = 0
  public var predictions = 0
  /// The most frequent ones.
  public var labels: [Label] = []
  public var fault: Fault?

  /// Labels that are kept of each file.
  public static let labelLimit = 8

  public init(file: String, path: String) { (self.file, self.path) = (file, path) }

  /// Takes over what was counted.
  public mutating func fill(from summary: FileSummary) {
    (frames, predictions) = (summary.framesAnalyzed, summary.predictions)
    labels = summary.labels.prefix(Self.labelLimit).map { Label($0.label, $0.count) }
  }
}

/// A run over a list of files as one JSON object; the keys are described in `docs/predictions.md`.
public enum RunSummaryJSON {
  /// `loaded` is a JSON object whose members say what was run.
  public static func write(_ entries: [RunEntry], loaded: [UInt8], interrupted: Bool) -> [UInt8] {
    JSONWriter.line { json in
      json.embed(membersOf: loaded)
      json.array("files") { json in for entry in entries { write(entry, into: &json) } }
      json.field("frames", entries.reduce(0) { $0 + $1.frames })
      json.field("predictions", entries.reduce(0) { $0 + $1.predictions })
      json.field("failed", entries.count { $0.fault != nil })
      json.field("interrupted", interrupted)
    }
  }

  private static func write(_ entry: RunEntry, into json: inout JSONWriter) {
    json.object { json in
      json.field("file", entry.file)
      json.field("path", entry.path)
      if let fault = entry.fault { return FaultEnvelope.write(fault, into: &json) }
      json.field("report", entry.report)
      json.field("frames", entry.frames)
      json.field("predictions", entry.predictions)
      json.array("labels") { json in
        for label in entry.labels {
          json.object { json in
            json.field("label", label.label)
            json.field("count", label.count)
          }
        }
      }
    }
  }
}
