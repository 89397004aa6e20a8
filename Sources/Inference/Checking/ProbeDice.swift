internal import Base

/// Numbers that no two rows share: the same every time.
struct ProbeDice {
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// 32 bits: Marsaglia, "Xorshift RNGs" (2003).
  mutating func next() -> UInt32 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt32(truncatingIfNeeded: state >> 32)
  }

  /// One row of an input: floats from 0 to 1, any bytes, small whole numbers.
  mutating func row(of spec: TensorSpec) -> [UInt8] {
    let count = spec.shape.dropFirst().reduce(1) { $0 * ($1 ?? 1) }
    switch spec.element {
    case .f32: return bytes(count) { Float($0 >> 8) / Float(1 << 24) }
    case .u8, .i8: return bytes(count) { UInt8(truncatingIfNeeded: $0 >> 24) }
    case .i32, .u32: return bytes(count) { UInt32($0 >> 30) }
    case .i64, .u64: return bytes(count) { UInt64($0 >> 30) }
    // A half between 0.5 and 1.
    case .f16: return bytes(count) { UInt16(0x3800 | $0 >> 22) }
    default: return [UInt8](repeating: 0, count: count * spec.element.byteCount)
    }
  }

  private mutating func bytes<Number: BitwiseCopyable>(_ count: Int, _ make: (UInt32) -> Number) -> [UInt8] {
    (0..<count).map { _ in make(next()) }.rawBytes
  }
}
