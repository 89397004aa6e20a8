internal import Base

/// Keys made of parts: `CLIENT#acme#BRAND#Aurora`.
///
/// A part may hold any text: what separates parts, and what engines do not take, is escaped (`%23` for `#`), so that no name of a
/// client's can reach into the keys of another.
public enum CompositeKey {
  private static let separator = UInt8(ascii: "#")

  public static func joined(_ parts: [String]) -> String { parts.map(escaped).joined(separator: "#") }

  public static func joined(_ parts: String...) -> String { joined(parts) }

  /// What all keys that have these parts, and more behind them, begin with.
  public static func prefix(_ parts: String...) -> String { joined(parts) + "#" }

  /// The parts that were joined.
  public static func parts(of key: String) -> [String] {
    key.utf8.split(separator: separator, omittingEmptySubsequences: false).map { unescaped($0) }
  }

  /// A whole number as text of 20 characters whose order is that of the numbers.
  public static func number(_ value: Int) -> String {
    guard value < 0 else { return "0" + padded(String(value), 19) }
    return "-" + padded(String(9_999_999_999_999_999_999 - UInt64(value.magnitude)), 19)
  }

  /// The number that ``number(_:)`` wrote; `nil` for any other text.
  public static func number(of text: String) -> Int? {
    guard text.utf8.count == 20, let rest = UInt64(text.dropFirst()) else { return nil }
    switch text.utf8.first {
    case UInt8(ascii: "0"): return Int(exactly: rest)
    case UInt8(ascii: "-"): return Int(exactly: -Int128(9_999_999_999_999_999_999 - rest))
    default: return nil
    }
  }

  /// A moment in milliseconds since 1970 as ISO 8601 has it in UTC, always 24 characters: `2026-11-27T08:31:24.007Z`.
  ///
  /// Years 1970 to 9999; moments outside of them are moved to the nearest.
  public static func time(milliseconds: Int) -> String {
    let moment = min(max(milliseconds, 0), UTC.secondsOfTenThousand * 1000 - 1)
    return UTC.text(moment / 1000).dropLast() + "." + padded(String(moment % 1000), 3) + "Z"
  }

  /// The moment that ``time(milliseconds:)`` wrote; `nil` for any other text.
  public static func milliseconds(of text: String) -> Int? {
    guard text.utf8.count == 24, let seconds = UTC.seconds(text.prefix(19) + "Z"),
      let fraction = Int(text.dropFirst(20).prefix(3))
    else { return nil }
    let moment = seconds * 1000 + fraction
    return time(milliseconds: moment).utf8.elementsEqual(text.utf8) ? moment : nil
  }

  private static func padded(_ digits: String, _ count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }

  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != separator && byte != UInt8(ascii: "%") }

  private static func escaped(_ part: String) -> String {
    guard !part.utf8.allSatisfy(isPlain) else { return part }
    var bytes: [UInt8] = []
    for byte in part.utf8 {
      bytes += isPlain(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ part: Substring.UTF8View) -> String {
    var (bytes, rest) = ([UInt8](), part[...])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%"), let high = rest.popFirst(), let low = rest.popFirst(),
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
      else {
        bytes.append(byte)
        continue
      }
      bytes.append(value)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
