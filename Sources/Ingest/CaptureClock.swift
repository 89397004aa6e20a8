/// When the pictures of one source were taken, by the clock of this machine.
///
/// The source's own times tell how far pictures lie apart, and the quickest arrivals of the last half minute where on this machine's clock that is:
/// a picture that was held up on its way is older than its arrival. Where a source's times jump by seconds, as with a camera that began anew,
/// they are counted on from there.
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

  private let clockRate: Double
  /// The least distance from own time to arrival, of this span of time and of the one before.
  private var (least, leastBefore) = (Int.max, Int.max)
  private var spanBegan = 0
  /// The own time that is second 0.
  private var start = 0
  /// Of the last picture that was not late.
  private var last: (arrival: Int, own: Int)?
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
    }
    if late == nil { last = (arrival, own) }
    if arrival > spanBegan + Self.memory { (leastBefore, least, spanBegan) = (least, Int.max, arrival) }
    // Those that are only late tell nothing of the clocks.
    if late == nil { least = min(least, arrival - own) }
    let captured = min(own + min(least, leastBefore), arrival)
    return Moment(captured: UInt64(max(0, captured)), time: Double(own - start) / 1e9)
  }

  private mutating func hasJumped(_ own: Int, _ arrival: Int) -> Bool {
    let (known, distance) = (min(least, leastBefore), arrival - own)
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
