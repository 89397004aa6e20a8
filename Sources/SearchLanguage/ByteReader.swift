/// Bytes that are read from the front, each step only where what it takes is there.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }
  var next: UInt8? { isAtEnd ? nil : bytes[place] }
  var rest: [UInt8] { Array(bytes[place...]) }

  /// Takes this character, if it comes next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  mutating func take(while fits: (UInt8) -> Bool) -> [UInt8] {
    let taken = Array(bytes[place...].prefix(while: fits))
    place += taken.count
    return taken
  }

  /// So many bytes, or none.
  mutating func take(count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= bytes.count - place else { return nil }
    defer { place += count }
    return bytes[place..<place + count]
  }

  /// A whole number of so many digits; it takes as many of them as there are.
  mutating func number(digits: ClosedRange<Int>) -> Int? {
    let start = place
    let taken = take { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard digits.contains(taken.count) else {
      place = start
      return nil
    }
    return taken.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// A number of the given bytes, the greatest first, as a two's complement.
  mutating func integer(byteCount: Int) -> Int? {
    guard let taken = take(count: byteCount), let first = taken.first else { return nil }
    return taken.reduce(first & 0x80 == 0 ? 0 : -1) { $0 << 8 | Int($1) }
  }
}
