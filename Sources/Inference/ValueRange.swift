public import Base

/// Values that the engine does not carry: it computes 64-bit integers in 32 bits, 32-bit ones without a sign as if they had one, and
/// 64-bit floats in 32.
public enum ValueRange {
  /// Refuses values of an input that would become others on their way through the network.
  ///
  /// `bytes` are all elements in their order; `shape` has their sides, for the place that the fault names.
  /// - Throws: `badInput` with the input's name, the index of the first such value, and the value.
  public static func check(_ bytes: SharedBytes, of spec: TensorSpec, shape: [Int]) throws(Fault) {
    switch spec.element {
    case .i64:
      try check(bytes, spec, shape, "INT64 within 32 bits, -2147483648 to 2147483647", Int64.self) {
        Int64(Int32(truncatingIfNeeded: $0)) == $0
      }
    case .u32:
      try check(bytes, spec, shape, "UINT32 within 31 bits, 0 to 2147483647", UInt32.self) { $0 <= UInt32(Int32.max) }
    case .u64:
      // Beyond 31 bits some operators take the highest bit for a sign.
      try check(bytes, spec, shape, "UINT64 within 31 bits, 0 to 2147483647", UInt64.self) { $0 <= UInt64(Int32.max) }
    case .f64:
      try check(bytes, spec, shape, "FP64 that 32-bit floats can hold", Double.self) {
        !$0.isFinite || Float($0).isFinite
      }
    default: break
    }
  }

  private static func check<Number: BitwiseCopyable & CustomStringConvertible>(
    _ bytes: SharedBytes, _ spec: TensorSpec, _ shape: [Int], _ taken: String, _: Number.Type,
    _ survives: (Number) -> Bool
  ) throws(Fault) {
    guard let (value, index) = first(of: bytes, where: { (number: Number) in !survives(number) }) else { return }
    throw Fault(
      .badInput,
      "the input '\(spec.name)' has \(value) at \(place(index, shape)): only \(taken), comes through the engine as it is"
    )
  }

  /// The first number that is so, and how many stand before it.
  static func first<Number: BitwiseCopyable>(
    of bytes: SharedBytes, where isSo: (Number) -> Bool
  ) -> (Number, index: Int)? {
    let (width, pointer) = unsafe (MemoryLayout<Number>.stride, bytes.pointer)
    for index in 0..<bytes.count / width {
      let number = unsafe pointer.loadUnaligned(fromByteOffset: index * width, as: Number.self)
      if isSo(number) { return (number, index) }
    }
    return nil
  }

  /// The place as `[1,4]`.
  private static func place(_ index: Int, _ shape: [Int]) -> String {
    var (rest, sides) = (index, [Int]())
    for side in shape.reversed() where side > 0 {
      sides.append(rest % side)
      rest /= side
    }
    return "[" + sides.reversed().map(String.init).joined(separator: ",") + "]"
  }

  /// What cannot be refused, because it shows only when the network has run; one sentence for each output, none for most networks.
  public static func limits(inputs: [TensorSpec], outputs: [TensorSpec]) -> [String] {
    let wide = outputs.filter { [.i64, .u64, .u32].contains($0.element) }.map { "'\($0.name)'" }
    var notes: [String] = []
    if !wide.isEmpty {
      notes.append(
        "INT64, UINT64 and UINT32 are computed as INT32: \(wide.joined(separator: ", ")) would be wrong beyond -2147483648 to 2147483647"
      )
    }
    for input in inputs where [.i64, .u64, .u32, .f64].contains(input.element) {
      let range = input.element == .i64 ? "32 bits" : input.element == .f64 ? "the range of 32-bit floats" : "31 bits"
      notes.append("'\(input.name)' takes \(input.element.rawValue) within \(range); other values are refused")
    }
    return notes
  }
}
