internal import Base
internal import Predictions

/// What one box had of a film's attention, summed over the time that it was there.
struct BoxTally: Sendable {
  struct Moment {
    let share: Double
    let area: Double
    let prior: Double
    let isAttended: Bool
  }

  private struct Sums {
    var (seconds, share, area, prior, attended) = (0.0, 0.0, 0.0, 0.0, 0.0)

    mutating func add(_ moment: Moment, _ seconds: Double) {
      self.seconds += seconds
      share += moment.share * seconds
      area += moment.area * seconds
      prior += moment.prior * seconds
      if moment.isAttended { attended += seconds }
    }

    func figures(of film: Double) -> AttentionReport.Figures? {
      guard seconds > 0, film > 0 else { return nil }
      return AttentionReport.Figures(
        visible: seconds / film, share: share / seconds, area: area / seconds, prior: prior / seconds,
        attended: attended / seconds)
    }
  }

  private var (whole, opening) = (Sums(), Sums())
  private var (firstSeen, firstAttended): (Double?, Double?)

  mutating func add(_ moment: Moment, at time: Double, seconds: Double, opening: Double) {
    whole.add(moment, seconds)
    self.opening.add(moment, opening)
    firstSeen = firstSeen ?? time
    if moment.isAttended { firstAttended = firstAttended ?? time }
  }

  /// `film` and `opening` are how long both were looked at, in seconds.
  func result(_ id: String, _ film: Double, _ opening: Double) -> AttentionReport.Box {
    AttentionReport.Box(
      id: id, whole: whole.figures(of: film), opening: self.opening.figures(of: opening), firstSeen: firstSeen,
      firstAttended: firstAttended)
  }
}

/// The mean of maps of any sizes, each by how long it was shown.
struct HeatSum: Sendable {
  private(set) var seconds = 0.0
  private var size: Size?
  private var sums: [Double] = []

  mutating func add(_ map: AttentionMap, _ seconds: Double) {
    guard seconds > 0 else { return }
    let size = self.size ?? map.size
    if self.size == nil { (self.size, sums) = (size, [Double](repeating: 0, count: size.area)) }
    self.seconds += seconds
    let scale = seconds / map.sum
    for place in sums.indices {
      let (x, y) = (place % size.width, place / size.width)
      // Maps of one film have one size, but for films that change theirs.
      let weight =
        map.size == size
        ? map.weight(at: place)
        : map.weight(
          in: Rect(
            x: Double(x) / Double(size.width), y: Double(y) / Double(size.height), width: 1 / Double(size.width),
            height: 1 / Double(size.height)))
      sums[place] += weight * scale
    }
  }

  /// `nil` before the first.
  var map: AttentionMap? { size.flatMap { AttentionMap(size: $0, weights: sums) } }
}
