public import Base
public import Media

/// Cuts a video into parts that are about as much work each.
public enum EvenParts {
  /// Frames below which a part is not worth a task of its own; one that is looked at counts as five that are only decoded.
  private static let least = 400

  /// Frames of each part; fewer than two parts mean that it is not worth it, or cannot be.
  public static func of(_ index: FrameIndex, _ sampling: Sampling, isGated: Bool, wished: Int) -> [Range<Int>] {
    let places = isGated ? index.cells : index.starts
    guard places.count > 1 else { return [] }
    var sampler = Sampler(sampling)
    var weights: [Int] = []
    for (from, to) in zip(places, places.dropFirst() + [index.count]) {
      weights.append(
        (from..<to).reduce(0) { sum, number in
          let record = index[number]
          return sum + (sampler.wants(time: record.time, isKeyFrame: record.isKeyFrame) ? 5 : 1)
        })
    }
    let total = weights.reduce(0, +)
    let count = min(wished, total / least, places.count)
    guard count > 1 else { return [] }
    var (starts, before) = ([0], 0)
    for (place, weight) in zip(places, weights) {
      // An end stands as near as can be to its share of the whole.
      if starts.count < count, (before + weight / 2) * count > total * starts.count, place > starts.last! {
        starts.append(place)
      }
      before += weight
    }
    return zip(starts, starts.dropFirst() + [index.count]).map { $0..<$1 }
  }
}
