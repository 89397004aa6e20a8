internal import Base

/// The highest scores of a tensor as strings, `score:index` or `score:index:label`.
///
/// The first of two or more sides counts rows, everything behind it the classes of one. Equal scores stand in the order of
/// their indexes; NaN is below all.
struct Classification {
  let shape: [Int]
  /// Strings behind their lengths in 4 bytes.
  let tensor: [UInt8]

  init(top: Int, of bytes: RawSpan, _ spec: TensorSpec, labels: [String]) {
    let rows = spec.shape.count > 1 ? (spec.shape[0] ?? 1) : 1
    let scores = Scores(bytes, spec.element)
    let classes = rows == 0 ? 0 : scores.count / rows
    let count = min(top, classes)
    var tensor: [UInt8] = []
    for row in 0..<rows {
      for index in scores.highest(count, in: row * classes..<(row + 1) * classes) {
        let label = index < labels.count ? ":\(labels[index])" : ""
        StringTensor.append("\(scores.text(row * classes + index)):\(index)\(label)".utf8, to: &tensor)
      }
    }
    self.shape = spec.shape.count > 1 ? [rows, count] : [count]
    self.tensor = tensor
  }
}

/// The elements of a tensor as numbers that can be compared.
private struct Scores {
  private let values: [Double]
  private let element: ElementType

  init(_ bytes: RawSpan, _ element: ElementType) {
    func all<T: BitwiseCopyable>(_: T.Type, _ convert: (T) -> Double) -> [Double] {
      (0..<bytes.byteCount / MemoryLayout<T>.size).map {
        convert(bytes.unsafeLoadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
      }
    }
    self.element = element
    values =
      switch element {
      case .bool, .u8: all(UInt8.self) { Double($0) }
      case .i8: all(Int8.self) { Double($0) }
      case .u16: all(UInt16.self) { Double($0) }
      case .i16: all(Int16.self) { Double($0) }
      case .u32: all(UInt32.self) { Double($0) }
      case .i32: all(Int32.self) { Double($0) }
      case .u64: all(UInt64.self) { Double($0) }
      case .i64: all(Int64.self) { Double($0) }
      case .f32: all(Float.self) { Double($0) }
      case .f64: all(Double.self) { $0 }
      case .bf16: all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
      case .f16: all(Float16.self) { Double($0) }
      case .string: []
      }
  }

  var count: Int { values.count }

  func text(_ index: Int) -> String {
    switch element {
    case .f64: "\(values[index])"
    case .f32, .f16, .bf16: "\(Float(values[index]))"
    default: String(Int64(exactly: values[index]).map { "\($0)" } ?? "\(values[index])")
    }
  }

  /// Places of the highest scores within a row, the highest first.
  func highest(_ count: Int, in row: Range<Int>) -> [Int] {
    func isBefore(_ a: Int, _ b: Int) -> Bool {
      let (left, right) = (values[row.lowerBound + a], values[row.lowerBound + b])
      if left.isNaN || right.isNaN { return left.isNaN == right.isNaN ? a < b : right.isNaN }
      return left != right ? left > right : a < b
    }
    guard count <= 64 else { return Array((0..<row.count).sorted(by: isBefore).prefix(count)) }
    var best: [Int] = []
    for index in 0..<row.count where best.count < count || isBefore(index, best[best.count - 1]) {
      if best.count == count { best.removeLast() }
      best.insert(index, at: best.firstIndex { isBefore(index, $0) } ?? best.count)
    }
    return best
  }
}
