internal import Base

/// Decimal numbers as whole ones, where that gives the same text.
///
/// A list whose numbers are all written the same from `value * 10^digits` rounded is kept as those; any other, with values that JSON cannot
/// hold or that are too large, bit by bit.
enum PackedNumbers {
  static func pack(_ values: [Double], digits: Int, asFloats: Bool) -> [UInt8] {
    let scaled = values.map { exact($0, digits, asFloats) }
    guard scaled.contains(nil) else { return [0] + PackedColumn.pack(scaled.map { $0! }) }
    return [1] + PackedColumn.pack(values.map { Int(bitPattern: UInt($0.bitPattern)) })
  }

  static func unpack(_ bytes: ArraySlice<UInt8>, _ count: Int, digits: Int) -> [Double]? {
    guard let form = bytes.first, let numbers = PackedColumn.unpack(bytes.dropFirst(), count) else { return nil }
    switch form {
    case 0: return numbers.map { Double($0) / JSONWriter.scale(digits) }
    case 1: return numbers.map { Double(bitPattern: UInt64(UInt(bitPattern: $0))) }
    default: return nil
    }
  }

  /// `nil` where a value that is read again would be written otherwise.
  private static func exact(_ value: Double, _ digits: Int, _ asFloat: Bool) -> Int? {
    guard let number = rounded(value, digits) else { return nil }
    let again = Double(number) / JSONWriter.scale(digits)
    return rounded(asFloat ? Double(Float(again)) : again, digits) == number ? number : nil
  }

  /// As `JSONWriter` rounds.
  private static func rounded(_ value: Double, _ digits: Int) -> Int? {
    let scaled = JSONWriter.scaled(value, by: JSONWriter.scale(digits))
    guard scaled < 0x1p50 else { return nil }
    return value < 0 ? -Int(scaled) : Int(scaled)
  }
}
