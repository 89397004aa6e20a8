internal import Base

/// What lies between two shots, where a break may be: the longest black, else all that is neither of them; nothing at a cut.
struct Passage {
  private let times: ClosedRange<Double>
  private let first: Int
  private let count: Int
  /// Behind how many frames a break may be: in black another black frame follows it.
  private let places: ClosedRange<Int>

  init(_ before: Shot, _ shot: Shot, _ transition: ShotTransition, _ black: [BlackSpan]) {
    let from = black.partitioningIndex { $0.startFrame >= transition.from }
    let between = transition.kind == .black ? black[from...].prefix { $0.endFrame <= transition.to } : []
    if let longest = between.max(by: { $0.end - $0.start < $1.end - $1.start }) {
      times = longest.start...max(longest.start, longest.end)
      (first, count) = (longest.startFrame, longest.endFrame - longest.startFrame + 1)
      places = 0...max(0, count - 1)
    } else {
      times = min(before.end, shot.start)...shot.start
      (first, count) = (min(before.endFrame + 1, shot.startFrame), max(0, shot.startFrame - before.endFrame - 1))
      places = 0...count
    }
  }

  /// Where fewest speak around it, of equals the nearest to the middle: seconds, and the frame that is shown from then on.
  ///
  /// `nil` where somebody speaks all the time.
  func moment(_ speech: [ClosedRange<Double>]?) -> (time: Double, frame: Int)? {
    var best: (place: Int, share: Double)?
    // From the middle to both ends, so that the nearest comes first.
    for place in places.sorted(by: { (abs(2 * $0 - count), $0) < (abs(2 * $1 - count), $1) }) {
      guard let speech else { return told(place) }
      if Speech.isInside(speech, time(place)) { continue }
      let share = Speech.share(of: speech, around: time(place))
      if best.map({ share < $0.share - 1e-9 }) ?? true { best = (place, share) }
    }
    return best.map { told($0.place) }
  }

  private func told(_ place: Int) -> (Double, Int) { (time(place), first + place) }

  private func time(_ place: Int) -> Double {
    guard count > 0 else { return times.upperBound }
    return times.lowerBound + (times.upperBound - times.lowerBound) * Double(place) / Double(count)
  }
}

/// What is spoken at a moment, of spans in order.
enum Speech {
  /// Seconds on either side of a moment in which speech speaks against it, and in which half of it forbids it.
  private static let around = 0.2
  private static let atIt = 0.1

  static func isInside(_ speech: [ClosedRange<Double>], _ time: Double) -> Bool {
    let next = speech.partitioningIndex { $0.upperBound >= time }
    return next < speech.count && speech[next].contains(time) || share(of: speech, in: time - atIt...time + atIt) > 0.5
  }

  static func share(of spans: [ClosedRange<Double>], around time: Double) -> Double {
    share(of: spans, in: time - around...time + around)
  }

  /// How much of a stretch is in spans, 0 to 1.
  private static func share(of spans: [ClosedRange<Double>], in range: ClosedRange<Double>) -> Double {
    let first = spans.partitioningIndex { $0.upperBound > range.lowerBound }
    let sum = spans[first...].prefix { $0.lowerBound < range.upperBound }.reduce(0) {
      $0 + min($1.upperBound, range.upperBound) - max($1.lowerBound, range.lowerBound)
    }
    return min(1, sum / (range.upperBound - range.lowerBound))
  }
}
