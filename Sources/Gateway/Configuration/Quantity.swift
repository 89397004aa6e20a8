internal import Base
internal import YAML

/// Times and sizes with their units.
enum Quantity {
  private static let times: [(String, Double)] = [("ms", 1000), ("s", 1), ("m", 1 / 60.0), ("h", 1 / 3600.0)]
  private static let sizes = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ("B", 1),
  ]

  /// Such as `500ms`, `1.5s`, `2m` or `1h`; a number without a unit is refused.
  ///
  /// `orElse` is a word that is allowed too, for the fault.
  static func seconds(
    _ value: YAMLValue, in range: ClosedRange<Double>, orElse other: String? = nil
  ) throws(Fault) -> Double {
    let text = try value.text()
    guard let unit = times.first(where: { text.hasSuffix($0.0) }), let number = decimal(text.dropLast(unit.0.count))
    else {
      throw value.fault(
        "'\(text)' is not a time for \(value.what), expected a number and its unit, e.g. 500ms or 2s"
          + (other.map { ", or \($0)" } ?? ""))
    }
    // To whole microseconds, so that 0.5m is 30s to the last bit.
    let seconds = (number / unit.1 * 1e6).rounded() / 1e6
    guard range.contains(seconds) else {
      throw value.fault("\(text) is out of range for \(value.what), expected \(word(range))")
    }
    return seconds
  }

  /// `64MiB`, `1.5GB`, `4096B`.
  static func bytes(_ value: YAMLValue, in range: ClosedRange<Int>) throws(Fault) -> Int {
    let text = try value.text()
    guard let unit = sizes.first(where: { text.hasSuffix($0.0) }), let number = decimal(text.dropLast(unit.0.count)),
      number * Double(unit.1) < 9e15
    else {
      throw value.fault(
        "'\(text)' is not a size for \(value.what), expected a number and its unit, e.g. 64MiB or 500KB")
    }
    let bytes = Int((number * Double(unit.1)).rounded())
    guard range.contains(bytes) else {
      throw value.fault("\(text) is out of range for \(value.what), expected \(size(range))")
    }
    return bytes
  }

  private static func decimal(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first),
      text.utf8.allSatisfy({ "0123456789.".utf8.contains($0) })
    else { return nil }
    return Double(text)
  }

  private static func word(_ range: ClosedRange<Double>) -> String {
    "\(time(range.lowerBound)) to \(time(range.upperBound))"
  }

  private static func time(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1000).rounded()))ms" }
    return seconds < 3600 ? "\(Int(seconds))s" : "\(Int(seconds) / 3600)h"
  }

  private static func size(_ range: ClosedRange<Int>) -> String {
    "\(size(range.lowerBound)) to \(size(range.upperBound))"
  }

  private static func size(_ bytes: Int) -> String {
    let unit = sizes.prefix(3).last { bytes >= $0.1 } ?? ("B", 1)
    return "\(bytes / unit.1)\(unit.0)"
  }
}
