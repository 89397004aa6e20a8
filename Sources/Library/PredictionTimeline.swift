public import Base
internal import Items
public import Predictions

/// What an analysis says of each label over a range of time, in parts of equal length: for drawing, however many predictions there are.
public struct PredictionTimeline: Sendable {
  public struct Line: Sendable {
    public let label: String
    public let kind: ModelTask
    /// Predictions in each part.
    public internal(set) var counts: [Int]
    /// The greatest score in each part, `nil` where none has one.
    public internal(set) var scores: [Float?]
  }

  public let range: ClosedRange<Double>
  /// The labels that are seen most often first.
  public private(set) var lines: [Line] = []

  /// Reads the predictions of a range.
  public init(_ predictions: PackedPredictions, in range: ClosedRange<Double>, parts: Int) throws(Fault) {
    self.range = range
    let width = max(range.upperBound - range.lowerBound, 1e-9) / Double(parts)
    var (found, places) = ([Line](), [[UInt8]: Int]())
    try predictions.forEach(in: range) { row in
      let label = row.prediction.label ?? row.prediction.kind.rawValue
      let place = places[Array(label.utf8), default: found.count]
      if place == found.count {
        places[Array(label.utf8)] = place
        found.append(
          Line(
            label: label, kind: row.prediction.kind, counts: Array(repeating: 0, count: parts),
            scores: Array(repeating: nil, count: parts)))
      }
      let part = min(parts - 1, max(0, Int((row.stamp.time - range.lowerBound) / width)))
      found[place].counts[part] += 1
      if let score = row.prediction.score, score.isFinite {
        found[place].scores[part] = max(found[place].scores[part] ?? -.infinity, score)
      }
    }
    lines = found.sorted {
      let (a, b) = ($0.counts.reduce(0, +), $1.counts.reduce(0, +))
      return a == b ? $0.label.isBefore($1.label) : a > b
    }
  }

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("from", range.lowerBound, digits: 6)
    json.field("to", range.upperBound, digits: 6)
    json.array("labels") { json in
      for line in lines {
        json.object { json in
          json.field("label", line.label)
          json.field("kind", line.kind.rawValue)
          json.array("counts") { json in for count in line.counts { json.integer(count) } }
          json.array("scores") { json in
            for score in line.scores { if let score { json.number(Double(score)) } else { json.null() } }
          }
        }
      }
    }
  }
}
