public import Base

/// A picture among the good ones that is unlike the others, as a defect is that was not seen when they were put together.
public struct UnlikeOthers: Sendable, Hashable {
  /// Its number among the pictures.
  public let picture: Int
  /// Of its oddest cell to the nearest one of the other pictures.
  public let distance: Float
  /// How many times that is what is usual among the pictures.
  public let times: Double

  /// How many times what nine in ten pictures stay within, beyond the median, a picture is farther that is told.
  static let reach: Float = 3
  /// Share of the pictures that others are compared with: those that are most alike.
  ///
  /// So a few defects neither pass for each other's like nor widen what counts as usual.
  static let core = 0.9

  /// All of those that a memory was made of that are unlike the others, the farthest first.
  ///
  /// What is far is taken from the upper half of the distances alone: pictures that hardly differ from one of the others make the lower half long.
  public static func find(
    among maps: [[Float]], _ memory: NormalFeatures
  ) throws(Fault) -> [UnlikeOthers] {
    let first = maps.indices.map { memory.distances(of: maps[$0], besides: $0).max() ?? 0 }
    let alike = maps.indices.sorted { (first[$0], $0) < (first[$1], $1) }.prefix(
      Int((Double(maps.count) * core).rounded(.up))
    ).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(alike, alike.indices))
    let others = try NormalFeatures(alike.map { maps[$0] }, channels: memory.channels)
    let distances = maps.indices.map { others.distances(of: maps[$0], besides: places[$0]).max() ?? 0 }
    let sorted = distances.sorted()
    let (usual, most) = (quantile(0.5, sorted), quantile(0.9, sorted))
    guard usual > 0, most > usual else { return [] }
    return maps.indices.filter { distances[$0] > usual + reach * (most - usual) }
      .map { UnlikeOthers(picture: $0, distance: distances[$0], times: Double(distances[$0] / usual)) }
      .sorted { ($1.distance, $0.picture) < ($0.distance, $1.picture) }
  }

  /// Of numbers in order, between two of them by their places.
  private static func quantile(_ share: Float, _ sorted: [Float]) -> Float {
    let place = share * Float(sorted.count - 1)
    let (below, above) = (sorted[Int(place)], sorted[min(sorted.count - 1, Int(place) + 1)])
    return below + (above - below) * (place - place.rounded(.down))
  }
}
