internal import Base

/// Numbers and texts behind each other, bit for bit.
///
/// Whole numbers zigzag, seven bits a byte, the low ones first; floats as their bits; a text is written where it first stands in a
/// block, and as its number afterwards.
struct AnswerBytes {
  private(set) var bytes: [UInt8] = []
  private var texts: [String: Int] = [:]

  mutating func put(_ number: Int) {
    var rest = UInt(bitPattern: number << 1 ^ number >> 63)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func put(_ value: Float) { put(bits: UInt64(value.bitPattern), count: 4) }
  mutating func put(_ value: Double) { put(bits: value.bitPattern, count: 8) }

  private mutating func put(bits: UInt64, count: Int) {
    for place in 0..<UInt64(count) { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * place))) }
  }

  mutating func put(_ text: String) {
    if let number = texts[text] { return put(number) }
    texts[text] = texts.count
    put(texts.count - 1)
    put(text.utf8.count)
    bytes += Array(text.utf8)
  }

  mutating func put(_ list: [Int]) {
    put(list.count)
    for number in list { put(number) }
  }

  mutating func put(_ list: [UInt8]) {
    put(list.count)
    bytes += list
  }

  var isEmpty: Bool { bytes.isEmpty }

  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
  }
}

/// Reads what ``AnswerBytes`` wrote; any other bytes end in a fault.
struct AnswerByteReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var texts: [String] = []

  init(_ bytes: ArraySlice<UInt8>) { (self.bytes, place) = (bytes, bytes.startIndex) }

  static let damaged = Fault(.badInput, "the frame answers are damaged")

  var isAtEnd: Bool { place == bytes.endIndex }

  mutating func number() throws(Fault) -> Int {
    var (value, shift) = (UInt(0), UInt(0))
    while place < bytes.endIndex, shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1) }
      shift += 7
    }
    throw Self.damaged
  }

  /// How many of something follow, each of so many bytes at least.
  mutating func count(of byteCount: Int = 1) throws(Fault) -> Int {
    let count = try number()
    guard count >= 0, count <= (bytes.endIndex - place) / byteCount else { throw Self.damaged }
    return count
  }

  mutating func float() throws(Fault) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: try bits(4))) }
  mutating func double() throws(Fault) -> Double { Double(bitPattern: try bits(8)) }

  private mutating func bits(_ count: Int) throws(Fault) -> UInt64 {
    guard bytes.endIndex - place >= count else { throw Self.damaged }
    defer { place += count }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  mutating func text() throws(Fault) -> String {
    let number = try number()
    guard (0...texts.count).contains(number) else { throw Self.damaged }
    if number < texts.count { return texts[number] }
    let length = try count()
    guard let text = String(validating: bytes[place..<place + length], as: UTF8.self) else { throw Self.damaged }
    place += length
    texts.append(text)
    return text
  }

  mutating func numbers() throws(Fault) -> [Int] {
    var list: [Int] = []
    for _ in 0..<(try count()) { list.append(try number()) }
    return list
  }

  mutating func byteList() throws(Fault) -> [UInt8] {
    let length = try count()
    defer { place += length }
    return Array(bytes[place..<place + length])
  }

  /// One of a list of cases.
  mutating func choice<T>(_ all: [T]) throws(Fault) -> T {
    let number = try number()
    guard all.indices.contains(number) else { throw Self.damaged }
    return all[number]
  }
}
