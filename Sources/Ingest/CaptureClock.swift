/// When the pictures of one source were taken, by the clock of this machine.
///
/// The source's own times tell how far pictures lie apart, and the quickest arrivals of the last half minute where on this machine's clock that is:
/// a picture that was held up on its way is older than its arrival. Where a source's times jump by seconds, as with a camera that began anew,
/// they are counted on from there. What comes evenly for a second or more, and later and later, or as late all the time, was not held up: then its clock
/// runs slow, or was set back, and is followed (``EvenStretch``).
public struct CaptureClock: Sendable {
  /// A moment in two clocks.
  public struct Moment: Sendable, Hashable {
    /// Monotonic nanoseconds; never after the arrival.
    public var captured: UInt64
    /// Seconds since the first picture, as the source's own times have them; where these jump, as its arrivals have them.
    public var time: Double
  }

  /// Nanoseconds by which arrivals and own times may drift apart from one picture to the next without a jump.
  private static let leap = 3_000_000_000
  /// Nanoseconds after which a quick arrival is forgotten, at least; clocks drift apart by less than a millisecond until then.
  private static let memory = 15_000_000_000
  /// Nanoseconds for which pictures must come as late as the first one, and at the pace of their own times, until their times have jumped.
  private static let patience = 500_000_000

  /// Nanoseconds by which all may be late without a word.
  private static let unnoticed = 20_000_000

  private let clockRate: Double
  /// The least distance from own time to arrival, of this span of time and of the one before.
  private var (least, leastBefore) = (Int.max, Int.max)
  private var spanBegan = 0
  /// The own time that is second 0.
  private var start = 0
  /// Of the last picture that was not late.
  private var last: (arrival: Int, own: Int)?
  private var stretch = EvenStretch()
  /// How far the source's clock fell behind until a moment, and by how much a nanosecond it goes on to.
  private var drift = (nanoseconds: 0, at: 0, rise: 0.0)
  /// The first arrival of pictures that are all late, and how late.
  private var late: (arrival: Int, distance: Int)?
  /// How often times jumped.
  public private(set) var jumps = 0

  /// For times of so many ticks a second.
  public init(clockRate: Int) { self.clockRate = Double(clockRate) }

  /// Takes the next picture in, in the order of sending; `time` is in ticks, `arrival` in monotonic nanoseconds.
  public mutating func place(_ time: Int, arrival: UInt64) -> Moment {
    let (own, arrival) = (Int((Double(time) / clockRate * 1e9).rounded()), Int(clamping: arrival))
    if last == nil { start = own }
    if hasJumped(own, arrival) {
      jumps += 1
      if let last { start = own - (last.own - start) - max(0, arrival - last.arrival) }
      (least, leastBefore, spanBegan) = (Int.max, Int.max, arrival)
      (stretch, drift) = (EvenStretch(), (0, arrival, 0))
    }
    if late == nil { last = (arrival, own) }
    if arrival > spanBegan + Self.memory { (leastBefore, least, spanBegan) = (least, Int.max, arrival) }
    // Those that are only late tell nothing of the clocks.
    if late == nil { least = min(least, arrival - own - lag(at: arrival)) }
    if let line = stretch.add(arrival, arrival - own) { follow(line, arrival) }
    let captured = min(own + lag(at: arrival) + min(least, leastBefore), arrival)
    return Moment(captured: UInt64(max(0, captured)), time: Double(own - start) / 1e9)
  }

  /// How far the source's clock has fallen behind.
  private func lag(at arrival: Int) -> Int {
    drift.nanoseconds + Int(drift.rise * Double(min(max(0, arrival - drift.at), EvenStretch.span)))
  }

  /// Takes over what pictures that came evenly tell of the clocks.
  private mutating func follow(_ line: EvenStretch.Line, _ arrival: Int) {
    drift = (lag(at: arrival), arrival, line.rise)
    let level = line.distance - drift.nanoseconds
    guard line.rise > 0 || level > min(least, leastBefore) + Self.unnoticed else { return }
    (least, leastBefore, spanBegan) = (level, Int.max, arrival)
  }

  private mutating func hasJumped(_ own: Int, _ arrival: Int) -> Bool {
    let (known, distance) = (min(least, leastBefore), arrival - own - lag(at: arrival))
    guard known != Int.max, abs(distance - known) > Self.leap else {
      late = nil
      return false
    }
    // Ahead of what could be: that is no delay.
    guard distance > known else {
      late = nil
      return true
    }
    // What was held up comes in a burst, and is soon less late; what jumped stays as far off.
    guard let before = late, abs(distance - before.distance) < Self.patience / 2 else {
      late = (arrival, distance)
      return false
    }
    guard arrival - before.arrival > Self.patience else { return false }
    late = nil
    return true
  }
}

/// Pictures that came one as long after another as usual: how far their own times are behind their arrivals.
///
/// A line that stood still gives its pictures in a burst, and a full one gives them unevenly; neither is taken for a clock that runs slow.
struct EvenStretch: Sendable {
  struct Line {
    /// At the last arrival, in nanoseconds, of the quickest.
    var distance: Int
    /// By how much it grows with each nanosecond; 0 for less than clocks differ by.
    var rise: Double
  }

  /// Nanoseconds after which a stretch tells something, where it has as many pictures as that.
  static let span = 1_000_000_000
  private static let (fewest, most) = (6, 512)
  /// A gap that is so many times as long as the mean is none of an even stretch.
  private static let longest = 3
  /// Nanoseconds by which pictures may be off the line.
  private static let width = 60_000_000.0
  private static let steady = 0.002

  private var points: [(arrival: Int, distance: Int)] = []

  /// The next picture; a line where a stretch is complete, after which another one begins.
  mutating func add(_ arrival: Int, _ distance: Int) -> Line? {
    if let last = points.last, points.count > 2 {
      let mean = (last.arrival - points[0].arrival) / (points.count - 1)
      if arrival < last.arrival || arrival - last.arrival > Self.longest * max(mean, 1) { points.removeAll() }
    }
    points.append((arrival, distance))
    guard points.count >= Self.most || points.count >= Self.fewest && arrival - points[0].arrival >= Self.span else {
      return nil
    }
    defer { points.removeAll(keepingCapacity: true) }
    return line(at: arrival)
  }

  /// Least squares; `nil` where the pictures do not lie on it.
  private func line(at end: Int) -> Line? {
    let count = Double(points.count)
    let (x, y) = (points.map { Double($0.arrival - end) }, points.map { Double($0.distance - points[0].distance) })
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let square = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard square > 0 else { return nil }
    var rise = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / square
    // What catches up was held up; what falls behind by more than all of the time is no clock.
    guard rise > -2 * Self.steady, rise < 1 + Self.steady else { return nil }
    if rise < Self.steady { rise = 0 }
    let rests = zip(x, y).map { $1 - rise * $0 }
    guard let least = rests.min(), let most = rests.max(), most - least < Self.width else { return nil }
    return Line(distance: points[0].distance + Int(least), rise: rise)
  }
}
