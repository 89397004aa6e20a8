internal import Base

/// Lengths of time as queries write them.
enum Spans {
  private static let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]

  static let expected = "write a number with ms, s, m, h or d, such as 10s"

  /// `1.5s` in whole milliseconds; at most a century.
  static func milliseconds(_ text: String) -> Int? {
    guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }),
      let seconds = Units.seconds(text), seconds <= 36_525 * 86_400
    else { return nil }
    return Int((seconds * 1000).rounded())
  }

  /// In the greatest unit that needs no fraction.
  static func text(_ milliseconds: Int) -> String {
    let unit = milliseconds == 0 ? ("s", 1000) : units.first { milliseconds % $0.1 == 0 } ?? ("ms", 1)
    return "\(milliseconds / unit.1)\(unit.0)"
  }
}
