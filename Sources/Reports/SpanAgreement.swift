public import Predictions

/// Gathers the spans of time that a run tells of: ended tracks, what came and went, or how long a track was seen.
public struct SpanCollector: Sendable {
  /// Something was there, from a time to a time, in seconds.
  public struct Span: Sendable, Hashable {
    public var step: Int
    public var label: String
    public var time: ClosedRange<Double>
  }

  private struct Key: Hashable {
    var step: Int
    var label: String
    var track: Int?
  }

  private var ended: [Span] = []
  private var open: [Key: Double] = [:]
  private var tracks: [Key: (time: ClosedRange<Double>, labels: [String: Int])] = [:]
  private var last = 0.0

  public init() {}

  /// Takes what one frame told; call it in order of time.
  public mutating func add(_ predictions: [Prediction], time: Double) {
    last = max(last, time)
    for prediction in predictions {
      let label = prediction.label ?? ""
      let key = Key(step: prediction.step, label: label, track: prediction.track)
      if let span = prediction.span {
        ended.append(Span(step: prediction.step, label: label, time: span))
      } else if prediction.state == .on {
        open[key] = open[key] ?? time
      } else if prediction.state == .off {
        guard let start = open.removeValue(forKey: key) else { continue }
        ended.append(Span(step: prediction.step, label: label, time: start...max(start, time)))
      } else if prediction.track != nil {
        let track = Key(step: prediction.step, label: "", track: prediction.track)
        var seen = tracks[track] ?? (time...time, [:])
        seen.time = seen.time.lowerBound...max(seen.time.upperBound, time)
        seen.labels[label, default: 0] += 1
        tracks[track] = seen
      }
    }
  }

  /// All of them, what is still open until the last frame, in the order of their beginnings.
  public var spans: [Span] {
    let still = open.map { Span(step: $0.key.step, label: $0.key.label, time: $0.value...max($0.value, last)) }
    let followed = tracks.map { key, seen in
      let label = seen.labels.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
      return Span(step: key.step, label: label, time: seen.time)
    }
    return (ended + still + followed).sorted { a, b in
      (a.time.lowerBound, a.time.upperBound, a.step, a.label) < (b.time.lowerBound, b.time.upperBound, b.step, b.label)
    }
  }
}

/// How far two runs tell of the same spans.
public struct SpanAgreement: Sendable, Hashable {
  public private(set) var both = 0
  public private(set) var missed = 0
  public private(set) var added = 0
  private var overlap = 0.0

  public var precision: Double? { Agreement.share(both, of: both + added) }
  public var recall: Double? { Agreement.share(both, of: both + missed) }
  /// Mean intersection over union in time of those in both.
  public var meanOverlap: Double? { both > 0 ? overlap / Double(both) : nil }

  /// Spans of one label are one where they overlap in time by `least`; those that overlap most come first.
  ///
  /// A span of one frame has no length: it is taken as `frame` seconds long.
  public init(reference: [SpanCollector.Span], other: [SpanCollector.Span], least: Double = 0.5, frame: Double = 0.04) {
    var candidates: [(overlap: Double, a: Int, b: Int)] = []
    for (a, one) in reference.enumerated() {
      for (b, two) in other.enumerated() where one.label == two.label && one.step == two.step {
        let overlap = Self.overlap(one.time, two.time, frame)
        if overlap >= least { candidates.append((overlap, a, b)) }
      }
    }
    candidates.sort { ($1.overlap, $0.a, $0.b) < ($0.overlap, $1.a, $1.b) }
    var (usedA, usedB) = (Set<Int>(), Set<Int>())
    for (overlap, a, b) in candidates where !usedA.contains(a) && !usedB.contains(b) {
      usedA.insert(a)
      usedB.insert(b)
      self.overlap += overlap
    }
    (both, missed, added) = (usedA.count, reference.count - usedA.count, other.count - usedB.count)
  }

  private static func overlap(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>, _ frame: Double) -> Double {
    let shared = min(a.upperBound, b.upperBound) + frame - max(a.lowerBound, b.lowerBound)
    let union = max(a.upperBound, b.upperBound) + frame - min(a.lowerBound, b.lowerBound)
    return union > 0 ? max(0, shared) / union : 0
  }
}
