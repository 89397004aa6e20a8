/// When what was not taken is told again, as a value: times in seconds.
public struct DeliveryPace: Sendable, Hashable {
  /// Before a notice is told a second time; each later time waits twice as long.
  public var first = 1.0
  /// At most, before a notice that its receiver refused is told again.
  public var longest = 300.0
  /// At most, before a target that cannot be reached is tried again.
  public var longestProbe = 60.0
  /// After which a notice that was not taken is dead.
  public var patience = 86_400.0
  /// For which notices are kept that were delivered or are dead.
  public var kept = 7 * 86_400.0
  /// At most, for what a receiver says in Retry-After.
  public var longestAsked = 3600.0

  public init() {}

  /// Milliseconds after so many failures in a row: between half of the time and all of it, so that many do not come back at once.
  func pause(after failures: Int, most: Double, _ random: inout some RandomNumberGenerator) -> Int {
    let whole = min(most, first * Double(1 << min(max(failures - 1, 0), 30)))
    return Int(whole * 1000 * Double.random(in: 0.5...1, using: &random))
  }
}

/// What telling a notice once came to.
struct Telling: Sendable, Hashable {
  enum Verdict: Sendable, Hashable {
    case taken
    /// It is told again: `isOfTarget` where others would fare no better, and no sooner than `after` seconds where the receiver says so.
    case again(isOfTarget: Bool, after: Double?)
    /// The receiver wants nothing any more.
    case gone
    /// It was broken off here, and says nothing of the target.
    case stopped
  }

  var verdict: Verdict
  /// Of HTTP.
  var status: Int?
  var reason: String?

  /// What an answer of HTTP means: taken is 200 to 299, and 410 is for good.
  ///
  /// All else may be mended at the receiver, so it is told again for a day.
  static func answered(_ status: Int, retryAfter: String?) -> Telling {
    let asked = retryAfter.flatMap { Double($0) }.map { max(0, $0) }
    switch status {
    case 200...299: return Telling(verdict: .taken, status: status)
    case 410:
      return Telling(verdict: .gone, status: status, reason: "the receiver answered 410: it wants no more notices")
    case 300...399:
      return Telling(
        verdict: .again(isOfTarget: false, after: nil), status: status,
        reason: "the receiver answered \(status), and no redirect is followed: give the target its new address")
    default:
      // These speak for the receiver as a whole, and others of the one notice.
      let isOfTarget = [429, 502, 503, 504].contains(status)
      return Telling(
        verdict: .again(isOfTarget: isOfTarget, after: isOfTarget ? asked : nil), status: status,
        reason: "the receiver answered \(status)")
    }
  }
}
