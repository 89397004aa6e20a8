internal import Base
internal import Glibc
public import Predictions

/// Maps that follow one another without a jump, for a heat map over a film: each a mean of those before it, the older the less.
///
/// Measures are never taken from these. Call ``reset()`` at a cut, so that nothing of one shot glows in the next.
public struct AttentionSmoother: Sendable {
  private let halfLife: Double
  private var size = Size(width: 0, height: 0)
  /// What each cell has of all attention.
  private var cells: [Double] = []
  private var last: Double?

  /// `halfLife` is the seconds after which a map counts half as much; 0 smooths nothing.
  public init(halfLife: Double = 0.25) { self.halfLife = halfLife }

  public mutating func reset() { last = nil }

  /// The map to show at `time`, in seconds.
  public mutating func smoothed(_ map: AttentionMap, at time: Double) -> AttentionMap {
    let fresh = map.cells.indices.map { map.weight(at: $0) / map.sum }
    if let last, size == map.size, halfLife > 0 {
      let kept = exp2(-max(0, time - last) / halfLife)
      for place in cells.indices { cells[place] = cells[place] * kept + fresh[place] * (1 - kept) }
    } else {
      (size, cells) = (map.size, fresh)
    }
    last = time
    return AttentionMap(size: size, weights: cells) ?? map
  }
}
