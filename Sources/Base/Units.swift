/// Times and sizes as people write them, in options, files and queries: a number and its unit, with nothing between.
public enum Units {
  /// How many of it a second has; longer suffixes first.
  private static let times: [(suffix: String, inASecond: Double)] = [
    ("ms", 1000), ("s", 1), ("m", 1 / 60.0), ("h", 1 / 3600.0), ("d", 1 / 86_400.0),
  ]
  private static let sizes = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ("B", 1),
  ]

  /// `500ms`, `1.5s`, `2m`, `12h` or `30d` in seconds, to whole microseconds, so that 0.5m is 30s to the last bit.
  ///
  /// A number alone is seconds only where the place allows that.
  public static func seconds(_ text: String, orPlain isPlainAllowed: Bool = false) -> Double? {
    let unit = times.first { text.hasSuffix($0.suffix) } ?? (isPlainAllowed ? ("", 1) : nil)
    guard let unit, let number = decimal(text.dropLast(unit.suffix.count)) else { return nil }
    let seconds = (number / unit.inASecond * 1e6).rounded() / 1e6
    return seconds.isFinite ? seconds : nil
  }

  /// `64MiB`, `1.5GB`, `4096B`.
  public static func bytes(_ text: String) -> Int? {
    guard let unit = sizes.first(where: { text.hasSuffix($0.0) }), let number = decimal(text.dropLast(unit.0.count)),
      number * Double(unit.1) < 9e15
    else { return nil }
    return Int((number * Double(unit.1)).rounded())
  }

  /// A time in the unit that people would take, for limits in messages.
  public static func text(seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1000).rounded()))ms" }
    return seconds < 3600 ? "\(Int(seconds))s" : "\(Int(seconds) / 3600)h"
  }

  /// A size in the largest unit that is not above it, for limits in messages.
  public static func text(bytes: Int) -> String {
    let unit = sizes.prefix(3).last { bytes >= $0.1 } ?? ("B", 1)
    return "\(bytes / unit.1)\(unit.0)"
  }

  /// No sign, and nothing that is a number to machines alone, as `inf` or `0x1`.
  private static func decimal(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, "0123456789.".utf8.contains(first),
      text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) })
    else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
