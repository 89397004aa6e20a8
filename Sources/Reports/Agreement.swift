internal import Base
public import Predictions

/// How far two runs of one pipeline agree: a reference, and another one over a lighter rendition or with another network.
///
/// Takes what both found on the same frame, frame by frame; the reference counts as right, which does not mean that it is.
public struct Agreement: Sendable {
  /// About one label of one network.
  public struct Label: Sendable, Hashable {
    /// Answers that are in both, and those that only one has.
    public private(set) var both = 0
    /// Of those in both, the ones whose scores differ as they are told: in the fourth decimal.
    public private(set) var rescored = 0
    public private(set) var missed = 0
    public private(set) var added = 0
    /// Frames in which both, the reference alone, or the other alone has the label.
    public private(set) var framesBoth = 0
    public private(set) var framesMissed = 0
    public private(set) var framesAdded = 0
    private var (overlap, overlapped) = (0.0, 0)
    private var (shift, distance, scored) = (0.0, 0.0, 0)

    /// The share of the other's answers that the reference has too; `nil` without any.
    public var precision: Double? { Agreement.share(both, of: both + added) }
    /// The share of the reference's answers that the other has too.
    public var recall: Double? { Agreement.share(both, of: both + missed) }
    /// Mean intersection over union of what is in both, 0 to 1.
    public var meanOverlap: Double? { overlapped > 0 ? overlap / Double(overlapped) : nil }
    /// How much higher the other scores what is in both, on average.
    public var meanShift: Double? { scored > 0 ? shift / Double(scored) : nil }
    /// How far scores of what is in both are apart, on average.
    public var meanDistance: Double? { scored > 0 ? distance / Double(scored) : nil }
    /// Of the frames in which either has the label, the share in which both have it.
    public var presence: Double? { Agreement.share(framesBoth, of: framesBoth + framesMissed + framesAdded) }

    mutating func add(_ reference: Prediction, _ other: Prediction) {
      both += 1
      if let share = Agreement.overlap(reference, other) {
        overlap += share
        overlapped += 1
      }
      if let one = reference.score, let two = other.score {
        shift += Double(two - one)
        distance += Double(two - one).magnitude
        if (Double(one) * 1e4).rounded() != (Double(two) * 1e4).rounded() { rescored += 1 }
        scored += 1
      }
    }

    mutating func add(missed: Int, added: Int) {
      self.missed += missed
      self.added += added
    }

    mutating func addFrame(reference: Bool, other: Bool) {
      framesBoth += reference && other ? 1 : 0
      framesMissed += reference && !other ? 1 : 0
      framesAdded += !reference && other ? 1 : 0
    }
  }

  /// About one network.
  public struct Step: Sendable, Hashable {
    public let name: String
    public internal(set) var labels: [String: Label] = [:]
    /// Answers about one thing in both runs, whatever they call it, and those of them that have the same name.
    public internal(set) var paired = 0
    public internal(set) var named = 0
    /// Sum of the cosines between vectors of one thing, and how many.
    var (cosines, vectors) = (0.0, 0)
    /// Sum of the distances between points of one name, in fractions of the picture, and how many.
    var (distances, points) = (0.0, 0)

    init(name: String) { self.name = name }

    public var sameName: Double? { Agreement.share(named, of: paired) }
    public var meanCosine: Double? { vectors > 0 ? cosines / Double(vectors) : nil }
    public var meanPointDistance: Double? { points > 0 ? distances / Double(points) : nil }
  }

  /// From which intersection over union two boxes are of one thing.
  public let least: Double
  public private(set) var steps: [Step]
  /// Frames that both runs looked at.
  public private(set) var frames = 0

  /// `steps` are the names of the networks, in order.
  public init(steps: [String], least: Double = 0.5) {
    (self.steps, self.least) = (steps.map { Step(name: $0) }, least)
  }

  /// Takes what both found on one frame.
  public mutating func add(reference: [Prediction], other: [Prediction]) {
    frames += 1
    for number in steps.indices {
      let (one, two) = (reference.filter { $0.step == number }, other.filter { $0.step == number })
      for (a, b) in pairs(one, two, sameLabel: false) { steps[number].add(one[a], two[b]) }
      for label in Set((one + two).map { $0.label ?? "" }) {
        let (mine, theirs) = (one.filter { $0.label ?? "" == label }, two.filter { $0.label ?? "" == label })
        var tally = steps[number].labels[label] ?? Label()
        let found = pairs(mine, theirs, sameLabel: true)
        for (a, b) in found { tally.add(mine[a], theirs[b]) }
        tally.add(missed: mine.count - found.count, added: theirs.count - found.count)
        tally.addFrame(reference: !mine.isEmpty, other: !theirs.isEmpty)
        steps[number].labels[label] = tally
      }
    }
  }

  /// Which answers are about one thing: boxes that overlap most come first; what has no box of its own is taken in its order.
  private func pairs(_ one: [Prediction], _ two: [Prediction], sameLabel: Bool) -> [(Int, Int)] {
    let isBoxed = { (prediction: Prediction) in prediction.box != nil && prediction.kind != .segmentation }
    var candidates: [(overlap: Double, a: Int, b: Int)] = []
    for a in one.indices where isBoxed(one[a]) {
      for b in two.indices where isBoxed(two[b]) {
        let overlap = one[a].box!.iou(two[b].box!)
        if overlap >= least { candidates.append((overlap, a, b)) }
      }
    }
    candidates.sort { ($1.overlap, $0.a, $0.b) < ($0.overlap, $1.a, $1.b) }
    var (usedA, usedB, found) = (Set<Int>(), Set<Int>(), [(Int, Int)]())
    for (_, a, b) in candidates where !usedA.contains(a) && !usedB.contains(b) {
      usedA.insert(a)
      usedB.insert(b)
      found.append((a, b))
    }
    let (bareA, bareB) = (one.indices.filter { !isBoxed(one[$0]) }, two.indices.filter { !isBoxed(two[$0]) })
    return found + zip(bareA, bareB)
  }

  static func share(_ part: Int, of all: Int) -> Double? { all > 0 ? Double(part) / Double(all) : nil }

  /// Of masks of one size, else of boxes.
  static func overlap(_ a: Prediction, _ b: Prediction) -> Double? {
    if let one = a.mask, let two = b.mask { return one.size == two.size ? one.overlap(two) : nil }
    guard let one = a.box, let two = b.box else { return nil }
    return one.iou(two)
  }
}

extension Agreement.Step {
  mutating func add(_ one: Prediction, _ two: Prediction) {
    paired += 1
    if one.label == two.label, one.text == two.text { named += 1 }
    if !one.vector.isEmpty, one.vector.count == two.vector.count {
      let sums = zip(one.vector, two.vector).reduce((0.0, 0.0, 0.0)) { sums, pair in
        let (a, b) = (Double(pair.0), Double(pair.1))
        return (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b)
      }
      if sums.1 > 0, sums.2 > 0 {
        cosines += sums.0 / (sums.1 * sums.2).squareRoot()
        vectors += 1
      }
    }
    for point in one.points {
      guard let same = two.points.first(where: { $0.name == point.name }) else { continue }
      let (x, y) = (same.x - point.x, same.y - point.y)
      distances += (x * x + y * y).squareRoot()
      points += 1
    }
  }
}

extension Mask {
  /// Intersection over union of two masks of one size; two empty ones agree.
  public func overlap(_ other: Mask) -> Double {
    let (mine, theirs) = (inside, other.inside)
    var (a, b, shared) = (0, 0, 0)
    while a < mine.count, b < theirs.count {
      shared += max(0, min(mine[a].upperBound, theirs[b].upperBound) - max(mine[a].lowerBound, theirs[b].lowerBound))
      if mine[a].upperBound < theirs[b].upperBound { a += 1 } else { b += 1 }
    }
    let union = mine.reduce(0) { $0 + $1.count } + theirs.reduce(0) { $0 + $1.count } - shared
    return union > 0 ? Double(shared) / Double(union) : 1
  }

  /// Pixels inside, as ranges down the columns.
  private var inside: [Range<Int>] {
    var (place, ranges, isInside) = (0, [Range<Int>](), false)
    for count in counts where count >= 0 {
      if isInside, count > 0 { ranges.append(place..<place + count) }
      (place, isInside) = (place + count, !isInside)
    }
    return ranges
  }
}
