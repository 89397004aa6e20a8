public import Base

/// How often a key may be used: so many in a second, minute or hour, and how many of them at once.
public struct Rate: Sendable, Hashable {
  public enum Unit: String, Sendable, Hashable, CaseIterable {
    case second = "s"
    case minute = "m"
    case hour = "h"

    var nanoseconds: Int {
      switch self {
      case .second: 1_000_000_000
      case .minute: 60_000_000_000
      case .hour: 3_600_000_000_000
      }
    }
  }

  public static let counts = 1...1_000_000

  public let count: Int
  public let unit: Unit
  /// How many may come at once after a rest.
  public let burst: Int

  /// Without a burst, as many as the rate names may come at once.
  public init(_ count: Int, per unit: Unit, burst: Int? = nil) {
    precondition(Rate.counts.contains(count) && Rate.counts.contains(burst ?? count), "a rate outside of its limits")
    (self.count, self.unit, self.burst) = (count, unit, burst ?? count)
  }

  /// Reads `50/s`, `600/m` or `1000/h`.
  public init(text: String, burst: Int? = nil) throws(Fault) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let count = Int(parts[0]), Rate.counts.contains(count), parts[0] == String(count),
      let unit = Unit(rawValue: parts[1])
    else {
      throw Fault(.usage, "'\(text)' is no rate, expected 1/s to 1000000/s, or by the minute or hour: 600/m, 1000/h")
    }
    self.init(count, per: unit, burst: burst)
  }

  /// `50/s`.
  public var text: String { "\(count)/\(unit.rawValue)" }

  /// Nanoseconds between two that come evenly, rounded up.
  var interval: Int { (unit.nanoseconds + count - 1) / count }
}
