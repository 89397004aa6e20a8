internal import Base

/// A list of whole numbers as bytes, in whichever of a few ways is the shortest.
///
/// A byte says the way: the numbers as they are, or each less the one or two before; then all in the same count of bits above the least,
/// or each in as many groups of 3 or 7 bits as it takes, or as runs of equal ones.
enum PackedColumn {
  private enum Form: UInt8, CaseIterable { case bits, nibbles, bytes, runs }

  /// How far before a number the one stands that it is told by; 0 for none.
  private static let lags = [0, 1, 2]

  static func pack(_ numbers: [Int]) -> [UInt8] {
    var best: [UInt8]?
    for lag in lags where lag < max(1, numbers.count) {
      let told = differences(numbers, lag)
      for form in Form.allCases where lag == 0 || form != .runs {
        var out = BitWriter()
        out.put(UInt(form.rawValue) | UInt(lag) << 4, 8)
        write(told, form, into: &out, limit: best?.count ?? .max)
        if out.bytes.count < best?.count ?? .max { best = out.bytes }
      }
    }
    return best!
  }

  /// Exactly `count` numbers; `nil` where the bytes do not hold them.
  static func unpack(_ bytes: ArraySlice<UInt8>, _ count: Int) -> [Int]? {
    var input = BitReader(bytes)
    guard let head = input.take(8), let form = Form(rawValue: UInt8(head & 15)), head >> 4 <= 2 else { return nil }
    guard var numbers = read(form, count, &input) else { return nil }
    let lag = Int(head >> 4)
    if lag > 0, count > lag { for place in lag..<count { numbers[place] = numbers[place] &+ numbers[place - lag] } }
    return numbers
  }

  private static func differences(_ numbers: [Int], _ lag: Int) -> [Int] {
    guard lag > 0 else { return numbers }
    return numbers.indices.map { $0 < lag ? numbers[$0] : numbers[$0] &- numbers[$0 - lag] }
  }

  private static func write(_ numbers: [Int], _ form: Form, into out: inout BitWriter, limit: Int) {
    switch form {
    case .bits:
      let least = numbers.min() ?? 0
      let range = UInt(bitPattern: numbers.max() ?? 0) &- UInt(bitPattern: least)
      let width = UInt.bitWidth - range.leadingZeroBitCount
      out.put(UInt(bitPattern: least), 64)
      out.put(UInt(width), 8)
      guard numbers.count * width / 8 < limit else { return spoil(&out, limit) }
      for number in numbers { out.put(UInt(bitPattern: number) &- UInt(bitPattern: least), width) }
    case .nibbles, .bytes:
      for number in numbers {
        out.put(grouped: zigzag(number), form == .nibbles ? 3 : 7)
        if out.bytes.count > limit { return }
      }
    case .runs:
      var start = 0
      while start < numbers.count, out.bytes.count <= limit {
        let end = numbers[start...].firstIndex { $0 != numbers[start] } ?? numbers.count
        out.put(grouped: zigzag(numbers[start]), 7)
        out.put(grouped: UInt(end - start), 7)
        start = end
      }
    }
  }

  /// A way that is longer than another is not written to its end.
  private static func spoil(_ out: inout BitWriter, _ limit: Int) {
    while out.bytes.count <= min(limit, 1 << 20) { out.put(0, 64) }
  }

  private static func read(_ form: Form, _ count: Int, _ input: inout BitReader) -> [Int]? {
    var numbers: [Int] = []
    switch form {
    case .bits:
      guard let least = input.take(64), let width = input.take(8), width <= 64 else { return nil }
      guard input.left >= count.multipliedReportingOverflow(by: Int(width)).partialValue else { return nil }
      numbers.reserveCapacity(count)
      for _ in 0..<count {
        guard let above = input.take(Int(width)) else { return nil }
        numbers.append(Int(bitPattern: least &+ above))
      }
    case .nibbles, .bytes:
      guard input.left / (form == .nibbles ? 4 : 8) >= count else { return nil }
      numbers.reserveCapacity(count)
      for _ in 0..<count {
        guard let number = input.takeGrouped(form == .nibbles ? 3 : 7) else { return nil }
        numbers.append(plain(number))
      }
    case .runs:
      while numbers.count < count {
        guard let number = input.takeGrouped(7), let length = input.takeGrouped(7), length > 0,
          length <= UInt(count - numbers.count)
        else { return nil }
        numbers.append(contentsOf: repeatElement(plain(number), count: Int(length)))
      }
    }
    return numbers
  }

  private static func zigzag(_ number: Int) -> UInt { UInt(bitPattern: number << 1 ^ number >> 63) }
  private static func plain(_ number: UInt) -> Int { Int(bitPattern: number >> 1) ^ -Int(bitPattern: number & 1) }
}

/// Bits behind each other, the low ones first.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var used = 8

  mutating func put(_ value: UInt, _ width: Int) {
    var (rest, left) = (value, width)
    while left > 0 {
      if used == 8 {
        bytes.append(0)
        used = 0
      }
      let count = min(left, 8 - used)
      let part = UInt8(truncatingIfNeeded: rest & (1 << UInt(count) - 1))
      bytes[bytes.count - 1] |= part << UInt8(used)
      rest = count == UInt.bitWidth ? 0 : rest >> UInt(count)
      (left, used) = (left - count, used + count)
    }
  }

  /// Groups of so many bits, each with a bit that says whether another follows.
  mutating func put(grouped value: UInt, _ width: Int) {
    var rest = value
    while rest >> UInt(width) > 0 {
      put(rest & (1 << UInt(width) - 1) | 1 << UInt(width), width + 1)
      rest >>= UInt(width)
    }
    put(rest, width + 1)
  }
}

/// Reads what a ``BitWriter`` wrote; `nil` behind the end.
struct BitReader {
  private let bytes: ArraySlice<UInt8>
  private var place = 0

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Bits that are left.
  var left: Int { bytes.count * 8 - place }

  mutating func take(_ width: Int) -> UInt? {
    guard left >= width else { return nil }
    var (value, done) = (UInt(0), 0)
    while done < width {
      let (byte, bit) = (bytes[bytes.startIndex + place / 8], place % 8)
      let count = min(width - done, 8 - bit)
      value |= (UInt(byte) >> UInt(bit) & (1 << UInt(count) - 1)) << UInt(done)
      (done, place) = (done + count, place + count)
    }
    return value
  }

  mutating func takeGrouped(_ width: Int) -> UInt? {
    var (value, shift) = (UInt(0), 0)
    while shift < 64 {
      guard let group = take(width + 1) else { return nil }
      value |= (group & (1 << UInt(width) - 1)) << UInt(shift)
      if group >> UInt(width) == 0 { return value }
      shift += width
    }
    return nil
  }
}
