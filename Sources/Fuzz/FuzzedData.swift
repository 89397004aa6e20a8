/// Bytes from which values are kneaded, front to back; when they are used up, everything is 0.
struct FuzzedData {
  private let bytes: [UInt8]
  private var next = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isEmpty: Bool { next >= bytes.count }

  mutating func byte() -> UInt8 {
    guard next < bytes.count else { return 0 }
    next += 1
    return bytes[next - 1]
  }

  /// From 0 to `limit - 1`.
  mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[number(below: list.count)] }

  private static let odd: [Float] = [
    0, -0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e30, 9.3e18,
    -9.3e18,
    .leastNonzeroMagnitude, 300, 0.5, 88.8,
  ]

  /// Any float: one of the odd ones, a small one, or one of the given bits.
  mutating func float() -> Float {
    let first = byte()
    switch first >> 6 {
    case 0: return Self.odd[Int(first & 15)]
    case 1: return Float(first & 63) / 32 - 1
    default: return Float(bitPattern: UInt32(first) << 24 | UInt32(byte()) << 16 | UInt32(byte()) << 8 | UInt32(byte()))
    }
  }

  /// A list that is no longer than the bytes that are left ask for; what is missing repeats.
  mutating func floats(_ count: Int) -> [Float] {
    var list: [Float] = []
    list.reserveCapacity(count)
    for index in 0..<count { list.append(isEmpty && index > 7 ? list[index % 7] : float()) }
    return list
  }
}
