internal import Base
public import Predictions

/// What was seen in some time, measure by measure.
public struct DriftSketch: Sendable, Hashable {
  /// Pictures that were counted.
  public internal(set) var pictures = 0
  public internal(set) var counts: [DriftMeasure: DriftCounts] = [:]

  public init() {}

  /// A picture was shown.
  public mutating func add(_ statistics: PictureStatistics) {
    pictures += 1
    for measure in DriftMeasure.ofPictures { add(statistics[measure], measure) }
  }

  /// A network answered about a picture, with nothing where there was nothing; `countsObjects` where it tells all that is on each.
  public mutating func add(_ answers: some Sequence<Prediction>, countsObjects: Bool) {
    pictures += 1
    var number = 0
    for answer in answers {
      number += 1
      counts[.labels, default: DriftCounts()].add(label: answer.label)
      add(answer.score.map(Double.init), .scores)
      if let box = answer.box { add(box.width * box.height, .areas) }
    }
    if countsObjects { add(Double(number), .objects) }
  }

  private mutating func add(_ value: Double?, _ measure: DriftMeasure) {
    guard let scale = measure.scale else { return }
    counts[measure, default: DriftCounts()].add(value, scale)
  }

  public mutating func add(_ other: DriftSketch) {
    pictures += other.pictures
    for (measure, more) in other.counts { counts[measure, default: DriftCounts()].add(more) }
  }

  /// Takes away what was added before.
  mutating func subtract(_ part: DriftSketch) {
    pictures -= part.pictures
    for (measure, less) in part.counts {
      counts[measure]?.subtract(less)
      if counts[measure]?.total == 0 { counts[measure] = nil }
    }
  }

  /// How much there is to conclude from.
  public func evidence(of measure: DriftMeasure) -> Int { counts[measure]?.total ?? 0 }
}
