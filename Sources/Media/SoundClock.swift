/// Where decoded sound stands on the film's axis, from what packets say of their time and from how much was decoded: pure decisions.
///
/// Between two timestamps samples are counted. A timestamp that is off by more than ``jump`` is believed at once: there is a hole, or what
/// was there already. Smaller differences are the container's rounding, or the clock of a recorder that runs away from that of its sound: their mean
/// over half a second is taken, and made good where it is more than a millisecond. Behind times that jump back by half a second and more,
/// sound goes on where it was, as ``Timeline`` has pictures go on.
struct SoundClock {
  enum Step: Hashable {
    /// It follows what was before, but for so many samples at its beginning, which are left out.
    case follow(skipping: Int)
    /// It begins anew at so many seconds.
    case begin(at: Double)
    /// All of it was there before.
    case drop
  }

  /// Less than the shortest common packet but for the smallest of Opus.
  static let jump = 0.015
  /// Seconds over which small differences are watched.
  static let span = 0.5
  /// As in ``Timeline``.
  static let wayBack = 0.5

  /// What the container rounds times to, in seconds.
  private let tick: Double
  /// Seconds that are taken off all times.
  private let origin: Double
  private var base = 0.0
  private var (counted, rate) = (0, 0)
  private var shift = 0.0
  private var drift = (sum: 0.0, seconds: 0.0)
  /// A packet was lost, so the next timestamp counts whatever it says.
  private var lacks = false
  /// How often small differences were made good, and times jumped back.
  private(set) var (corrections, jumps) = (0, 0)
  private(set) var hasBegun = false

  init(tick: Double, origin: Double) { (self.tick, self.origin) = (tick, origin) }

  /// Seconds of the sample that comes next.
  var expected: Double { base + (rate > 0 ? Double(counted) / Double(rate) : 0) }

  /// Something in front of what comes next is missing.
  mutating func lose() { lacks = true }

  /// `time` is in seconds by the file's own count, `nil` where it does not say.
  mutating func place(_ time: Double?, count: Int, rate: Int) -> Step {
    guard hasBegun, rate == self.rate else {
      return begin(at: time.map { $0 - origin + shift } ?? expected, count, rate)
    }
    guard let time else { return follow(0, count) }
    var apart = time - origin + shift - expected
    if apart < -Self.wayBack {
      shift -= apart
      jumps += 1
      apart = 0
    }
    let limit = lacks ? max(0.001, tick) : max(Self.jump, 2 * tick)
    if apart > limit { return begin(at: expected + apart, count, rate) }
    if apart < -limit { return skip(-apart, count) }
    lacks = false
    return settle(apart, count)
  }

  /// The mean of small differences, every half second.
  private mutating func settle(_ apart: Double, _ count: Int) -> Step {
    let seconds = Double(count) / Double(rate)
    drift = (drift.sum + apart * seconds, drift.seconds + seconds)
    guard drift.seconds >= Self.span else { return follow(0, count) }
    let mean = drift.sum / drift.seconds
    drift = (0, 0)
    guard abs(mean) > max(0.001, tick) else { return follow(0, count) }
    corrections += 1
    return mean > 0 ? begin(at: expected + mean, count, rate) : skip(-mean, count)
  }

  private mutating func begin(at time: Double, _ count: Int, _ rate: Int) -> Step {
    (base, self.rate, counted, lacks, hasBegun) = (time, rate, count, false, true)
    drift = (0, 0)
    return .begin(at: time)
  }

  private mutating func follow(_ skipped: Int, _ count: Int) -> Step {
    counted += count - skipped
    return .follow(skipping: skipped)
  }

  private mutating func skip(_ seconds: Double, _ count: Int) -> Step {
    let skipped = Int((seconds * Double(rate)).rounded())
    // Behind what was dropped the next timestamp tells how much of it there was.
    (lacks, drift) = (skipped >= count, (0, 0))
    guard skipped < count else { return .drop }
    return follow(skipped, count)
  }
}
