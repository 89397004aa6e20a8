/// The one rule by which parts of an address become text (RFC 3986, section 2.1).
enum PercentCoding {
  /// The text that a segment of a path or a word of a query stands for.
  ///
  /// `nil` where a `%` is not followed by two hexadecimal digits, and for what no name may hold once it is decoded: bytes that
  /// are no UTF-8, and control characters.
  static func decode(_ text: Substring) -> Substring? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return isPlain(text.utf8) ? text : nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    guard isPlain(bytes), let decoded = String(validating: bytes, as: UTF8.self) else { return nil }
    return decoded[...]
  }

  private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): (byte | 0x20) - 0x57
    default: nil
    }
  }
}
