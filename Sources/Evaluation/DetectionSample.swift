public import Base

/// The truth about one picture and what a model found on it, with categories as numbers.
public struct DetectionSample: Sendable, Hashable {
  public struct Object: Sendable, Hashable {
    public var category: Int
    /// In pixels.
    public var box: Rect
    /// In square pixels.
    public var area: Double
    public var isCrowd: Bool
    public var isIgnored: Bool

    public init(category: Int, box: Rect, area: Double, isCrowd: Bool = false, isIgnored: Bool = false) {
      (self.category, self.box, self.area) = (category, box, area)
      (self.isCrowd, self.isIgnored) = (isCrowd, isIgnored)
    }
  }

  public struct Found: Sendable, Hashable {
    public var category: Int
    /// In pixels, as the truth counts them.
    public var box: Rect
    /// 0 to 1.
    public var score: Double

    public init(category: Int, box: Rect, score: Double) {
      (self.category, self.box, self.score) = (category, box, score)
    }
  }

  public var objects: [Object]
  public var found: [Found]
  public var slice: String?

  public init(objects: [Object], found: [Found], slice: String? = nil) {
    (self.objects, self.found, self.slice) = (objects, found, slice)
  }
}

/// Which answers of one category on one picture are right, at each of COCO's ten overlaps.
///
/// As COCOeval matches (github.com/cocodataset/cocoapi, `cocoeval.py`): answers by falling score, each takes the object that it overlaps most
/// of those that are free; objects that need not be found are taken last, and what takes one counts neither way. Crowds are never used up.
struct PictureMatches {
  /// One answer; bit `t` of the masks is about overlap `t`.
  struct Answer {
    var score: Double
    /// Its place among the picture's answers.
    var place: Int
    var matched: UInt16 = 0
    var ignored: UInt16 = 0
  }

  /// By falling score.
  private(set) var answers: [Answer] = []
  /// Objects that have to be found.
  let wanted: Int

  static let overlaps: [Double] = (0..<10).map { number in
    let step: Double = (0.95 - 0.5) / 9
    return number == 9 ? 0.95 : 0.5 + Double(number) * step
  }
  /// More answers of one category on one picture are not looked at.
  static let mostAnswers = 100

  init(_ sample: DetectionSample, category: Int, area: ClosedRange<Double>) {
    let objects = sample.objects.filter { $0.category == category }
      .map { (object: $0, isIgnored: $0.isCrowd || $0.isIgnored || !area.contains($0.area)) }
    let sorted = objects.filter { !$0.isIgnored } + objects.filter(\.isIgnored)
    wanted = objects.count { !$0.isIgnored }
    let found = sample.found.enumerated().filter { $0.element.category == category }
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.prefix(Self.mostAnswers)
    answers = found.map { Answer(score: $0.element.score, place: $0.offset) }
    let overlaps = found.map { answer in sorted.map { Self.overlap(answer.element.box, $0.object) } }
    for (number, least) in Self.overlaps.enumerated() {
      var taken = [Bool](repeating: false, count: sorted.count)
      for place in answers.indices {
        let best = Self.best(overlaps[place], least, taken) { (sorted[$0].isIgnored, sorted[$0].object.isCrowd) }
        if let best {
          taken[best] = true
          answers[place].matched |= 1 << number
          if sorted[best].isIgnored { answers[place].ignored |= 1 << number }
        } else if !area.contains(sample.found[answers[place].place].box.area) {
          answers[place].ignored |= 1 << number
        }
      }
    }
  }

  /// The object that an answer takes.
  private static func best(
    _ overlaps: [Double], _ least: Double, _ taken: [Bool], _ facts: (Int) -> (isIgnored: Bool, isCrowd: Bool)
  ) -> Int? {
    var (best, most): (Int?, Double) = (nil, min(least, 1 - 1e-10))
    for place in overlaps.indices {
      let (isIgnored, isCrowd) = facts(place)
      if taken[place], !isCrowd { continue }
      // Those that need not be found stand last, and are no better than one that has to be.
      if isIgnored, let best, !facts(best).isIgnored { break }
      if overlaps[place] >= most { (best, most) = (place, overlaps[place]) }
    }
    return best
  }

  /// Intersection over union; of a crowd, over the answer alone.
  static func overlap(_ answer: Rect, _ object: DetectionSample.Object) -> Double {
    let width = min(answer.right, object.box.right) - max(answer.x, object.box.x)
    let height = min(answer.bottom, object.box.bottom) - max(answer.y, object.box.y)
    guard width > 0, height > 0 else { return 0 }
    let shared = width * height
    let union = object.isCrowd ? answer.area : answer.area + object.box.area - shared
    return union > 0 ? shared / union : 0
  }
}
