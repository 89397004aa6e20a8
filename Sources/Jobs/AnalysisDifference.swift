public import Base
public import Catalog
public import Library
internal import Predictions
public import Reports

/// What a newer analysis of an asset says otherwise than an older one.
///
/// Both are read side by side, a minute of the film at a time, so that memory does not grow with it.
public struct AnalysisDifference: Sendable {
  public let older: Analysis
  public let newer: Analysis
  /// The older one counts as the reference; only frames with an answer of either are counted.
  public private(set) var agreement: Agreement

  /// Seconds of the film.
  private static let window = 60.0

  /// The fault is `badInput` where they are not of the same bytes.
  public init(_ older: Analysis, _ newer: Analysis, in library: Library) throws(Fault) {
    guard older.object == newer.object else {
      throw Fault(.badInput, "the two analyses are of different films: nothing can be compared")
    }
    (self.older, self.newer) = (older, newer)
    let models = older.models.count > newer.models.count ? older.models : newer.models
    agreement = Agreement(steps: models.map(\.name))
    let both = [try library.predictions(of: older), try library.predictions(of: newer)]
    var windows: Set<Double> = []
    for packed in both {
      try packed.forEach { row in windows.insert((row.stamp.time / Self.window).rounded(.down) * Self.window) }
    }
    for start in windows.sorted() { try compare(both[0], both[1], from: start) }
  }

  private mutating func compare(_ one: PackedPredictions, _ two: PackedPredictions, from start: Double) throws(Fault) {
    var frames: [Int: (older: [Prediction], newer: [Prediction])] = [:]
    let (range, end) = (start...start + Self.window, start + Self.window)
    try one.forEach(in: range) { row in
      if row.stamp.time < end { frames[row.stamp.index, default: ([], [])].older.append(row.prediction) }
    }
    try two.forEach(in: range) { row in
      if row.stamp.time < end { frames[row.stamp.index, default: ([], [])].newer.append(row.prediction) }
    }
    for (_, frame) in frames.sorted(by: { $0.key < $1.key }) {
      agreement.add(reference: frame.older, other: frame.newer)
    }
  }

  /// Both looked at as many frames; else what is missing from one may be on frames that it did not look at.
  public var isOfSameFrames: Bool { older.framesAnalyzed == newer.framesAnalyzed }

  /// The two are of one pipeline, which is another one by now, and not of two.
  public var isOfOneSeries: Bool { older.series == newer.series }
}

extension Library {
  /// The newest analysis of an asset in the series of another one, of those that are older.
  public func analysis(of asset: Asset, before analysis: Analysis) throws(Fault) -> Analysis {
    let others = try analyses(of: asset).filter {
      $0.series == analysis.series && $0.pipeline != analysis.pipeline && $0.made <= analysis.made
    }
    guard let older = others.max(by: { ($0.made, $0.pipeline) < ($1.made, $1.pipeline) }) else {
      throw Fault(
        .notFound,
        "the asset '\(asset.id)' has no older analysis of '\(analysis.series)' to compare with; see 'ridley library show \(asset.id)'"
      )
    }
    return older
  }
}
