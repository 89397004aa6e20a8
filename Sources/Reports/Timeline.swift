internal import Predictions

/// When each label was found, in bins that double their width whenever the video outgrows them.
///
/// However long the video, there are at most ``limit`` bins and ``labelLimit`` rows. Widths are powers of two, so the
/// bins of a finished time line are exactly those that counting with its final width from the start would have given.
public struct Timeline: Sendable, Hashable {
  /// One label through time; arrays end with the last bin that has something, and may be shorter than the time line.
  public struct Row: Sendable, Hashable {
    public var label: String
    /// Predictions in all, and in each bin.
    public var total = 0
    public var counts: [Int] = []
    /// Best score of each bin; minus infinity where there is none.
    public var best: [Float] = []
    /// Worst score and sum of scores of each bin; empty but for models whose answer is a score.
    public var worst: [Float] = []
    public var sums: [Double] = []
  }

  public static let limit = 600
  public static let labelLimit = 1024
  /// Name of the row that takes what the other rows do not.
  public static let pool = "other"
  /// A billion seconds: later stamps are counted in the last bin.
  private static let latest = 1e9

  /// Seconds: the first frame's time, the last one's, and the width of a bin.
  public private(set) var start = 0.0
  public private(set) var end = 0.0
  public private(set) var width = 1.0 / 32
  /// Analysed frames in each bin.
  public private(set) var frames: [Int] = []
  private var all: [Row] = []
  private var places = LabelPlaces()

  public init() {}

  /// Counts one analysed frame; the first one given is where the time line begins.
  mutating func add(time: Double, _ predictions: [Prediction]) {
    let time = time.isFinite ? min(max(time, -Self.latest), Self.latest) : end
    if frames.isEmpty { (start, end) = (time, time) }
    end = max(end, time)
    let bin = bin(of: time)
    frames.grow(to: bin + 1, with: 0)
    frames[bin] += 1
    for prediction in predictions { all[place(of: prediction.heading)].add(prediction, bin: bin) }
  }

  /// The most frequent labels, most frequent first (by name where equal), with the rest pooled in one more row.
  public func rows(top: Int = 40) -> [Row] {
    let ranked = all.filter { $0.total > 0 && $0.label != Self.pool }
      .sorted { ($1.total, $0.label) < ($0.total, $1.label) }
    var rows = Array(ranked.prefix(top))
    var pool = places[Self.pool].map { all[$0] } ?? Row(label: Self.pool)
    for row in ranked.dropFirst(top) { pool.merge(row) }
    if pool.total > 0 { rows.append(pool) }
    return rows
  }

  /// Seconds from one analysed frame to the next, on average; 0 for a single frame.
  public var interval: Double {
    let count = frames.reduce(0, +)
    return count > 1 ? (end - start) / Double(count - 1) : 0
  }

  private mutating func bin(of time: Double) -> Int {
    let offset = max(0, time - start)
    while offset / width >= Double(Self.limit) { widen() }
    return Int(offset / width)
  }

  private mutating func widen() {
    width *= 2
    frames.pair(+)
    for index in all.indices { all[index].widen() }
  }

  private mutating func place(of label: String) -> Int {
    let row = places.row(of: label)
    if row.index == all.count { all.append(Row(label: row.label)) }
    return row.index
  }
}

extension Timeline.Row {
  mutating func add(_ prediction: Prediction, bin: Int) {
    // A mean over answers that are no numbers would be none itself.
    if prediction.kind == .score, prediction.score?.isFinite != true { return }
    total += 1
    counts.grow(to: bin + 1, with: 0)
    counts[bin] += 1
    best.grow(to: bin + 1, with: -.infinity)
    guard let score = prediction.score, score.isFinite else { return }
    best[bin] = max(best[bin], score)
    guard prediction.kind == .score else { return }
    worst.grow(to: bin + 1, with: .infinity)
    sums.grow(to: bin + 1, with: 0)
    worst[bin] = min(worst[bin], score)
    sums[bin] += Double(score)
  }

  mutating func widen() {
    counts.pair(+)
    best.pair(max)
    worst.pair(min)
    sums.pair(+)
  }

  mutating func merge(_ other: Timeline.Row) {
    total += other.total
    counts.merge(other.counts, +, empty: 0)
    best.merge(other.best, max, empty: -.infinity)
  }
}

extension Array {
  mutating func grow(to count: Int, with element: Element) {
    if self.count < count { append(contentsOf: repeatElement(element, count: count - self.count)) }
  }

  /// Each two neighbours become one; the last stays alone where there is no second.
  fileprivate mutating func pair(_ join: (Element, Element) -> Element) {
    self = stride(from: 0, to: count, by: 2).map { $0 + 1 < count ? join(self[$0], self[$0 + 1]) : self[$0] }
  }

  fileprivate mutating func merge(_ other: [Element], _ join: (Element, Element) -> Element, empty: Element) {
    grow(to: other.count, with: empty)
    for index in other.indices { self[index] = join(self[index], other[index]) }
  }
}
