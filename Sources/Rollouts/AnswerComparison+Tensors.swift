public import Base

/// Raw tensors, whose meaning nobody knows.
extension AnswerComparison {
  /// Outputs as bytes: the same where each number is as near to the first's as `tolerance` says, in shares of its own magnitude or of what is
  /// usual for its kind, whichever is more (``TensorScale``); outputs that are no numbers are the same byte for byte.
  public static func compare(
    _ one: [(spec: TensorSpec, bytes: [UInt8])], _ two: [(spec: TensorSpec, bytes: [UInt8])], tolerance: Double
  ) -> AgreementTally {
    var tally = AgreementTally()
    tally.compared = 1
    let isSame =
      one.count == two.count
      && zip(one, two).allSatisfy { mine, other in
        guard mine.spec.element == other.spec.element, mine.spec.shape == other.spec.shape else { return false }
        guard let a = numbers(mine.bytes, mine.spec.element), let b = numbers(other.bytes, other.spec.element) else {
          return mine.bytes == other.bytes
        }
        guard a.count == b.count else { return false }
        let scale = TensorScale(a, sides: mine.spec.shape.compactMap(\.self))
        return a.indices.allSatisfy { place in
          let (x, y) = (a[place], b[place])
          // Every share of an infinity is infinite, so nothing is near it, and it is the same as itself alone.
          guard x.isFinite, y.isFinite else { return x == y || x.isNaN && y.isNaN }
          return abs(x - y) <= tolerance * max(abs(x), scale.usual(at: place))
        }
      }
    if isSame { tally.both = 1 } else { tally.apart = 2 }
    return tally
  }

  /// Little-endian numbers; `nil` for what is read here as bytes alone.
  static func numbers(_ bytes: [UInt8], _ element: ElementType) -> [Double]? {
    guard element.byteCount > 0, bytes.count.isMultiple(of: element.byteCount) else { return nil }
    switch element {
    case .f32: return all(Float.self) { Double($0) }
    case .f64: return all(Double.self) { $0 }
    case .f16: return all(Float16.self) { Double($0) }
    case .bf16: return all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .u8, .bool: return all(UInt8.self) { Double($0) }
    case .u16: return all(UInt16.self) { Double($0) }
    case .u32: return all(UInt32.self) { Double($0) }
    case .u64: return all(UInt64.self) { Double($0) }
    case .i8: return all(Int8.self) { Double($0) }
    case .i16: return all(Int16.self) { Double($0) }
    case .i32: return all(Int32.self) { Double($0) }
    case .i64: return all(Int64.self) { Double($0) }
    case .string: return nil
    }

    func all<Number: BitwiseCopyable>(_ type: Number.Type, _ read: (Number) -> Double) -> [Double] {
      bytes.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: MemoryLayout<Number>.stride).map {
          read(raw.loadUnaligned(fromByteOffset: $0, as: type))
        }
      }
    }
  }
}

/// What is usual of the numbers of a tensor: a share of it is noise, and not another answer.
///
/// A tensor holds numbers of several kinds side by side, such as places in pixels and scores of up to 1, and a share of the largest of all says nothing of
/// the small kinds. A kind is a slice: all numbers with one index in one of the axes. In it four times the root of the mean square is usual,
/// and no more than the largest: that is the largest where numbers are spread evenly, as logits are, and far less where few are large, as in
/// probabilities. Of the slices that a number is in, the one with the least counts; those of fewer than ``least`` numbers say nothing.
struct TensorScale {
  /// Numbers that a slice has at least.
  static let least = 16
  private static let spread = 4.0

  private struct Axis {
    let side: Int
    let stride: Int
    var usual: [Double]
  }

  private let whole: Double
  private var axes: [Axis] = []

  init(_ values: [Double], sides: [Int]) {
    whole = Self.usual(values, slice: { _ in 0 }, count: 1)[0]
    guard sides.reduce(1, *) == values.count else { return }
    var stride = values.count
    for side in sides where side > 0 {
      stride /= side
      guard side > 1, values.count / side >= Self.least else { continue }
      let step = stride
      axes.append(
        Axis(side: side, stride: step, usual: Self.usual(values, slice: { $0 / step % side }, count: side)))
    }
  }

  /// Of the number at a place in the order of memory.
  func usual(at place: Int) -> Double {
    axes.reduce(whole) { least, axis in min(least, axis.usual[place / axis.stride % axis.side]) }
  }

  private static func usual(_ values: [Double], slice: (Int) -> Int, count: Int) -> [Double] {
    var (squares, largest) = (Array(repeating: 0.0, count: count), Array(repeating: 0.0, count: count))
    var counts = Array(repeating: 0, count: count)
    for (place, value) in values.enumerated() where value.isFinite {
      let slice = slice(place)
      squares[slice] += value * value
      largest[slice] = max(largest[slice], value.magnitude)
      counts[slice] += 1
    }
    return (0..<count).map { min(largest[$0], spread * (squares[$0] / Double(max(1, counts[$0]))).squareRoot()) }
  }
}
