/// What one element of a tensor is, in the spelling of the Open Inference Protocol.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case bool = "BOOL"
  case u8 = "UINT8"
  case u16 = "UINT16"
  case u32 = "UINT32"
  case u64 = "UINT64"
  case i8 = "INT8"
  case i16 = "INT16"
  case i32 = "INT32"
  case i64 = "INT64"
  case f16 = "FP16"
  case bf16 = "BF16"
  case f32 = "FP32"
  case f64 = "FP64"
  case string = "BYTES"

  /// Bytes of one element; 0 for strings, which have no fixed size.
  public var byteCount: Int {
    switch self {
    case .bool, .u8, .i8: 1
    case .u16, .i16, .f16, .bf16: 2
    case .u32, .i32, .f32: 4
    case .u64, .i64, .f64: 8
    case .string: 0
    }
  }
}

/// Name, shape and element type of one input or output of a network.
public struct TensorSpec: Sendable, Hashable, CustomStringConvertible {
  public var name: String
  /// One entry a dimension; `nil` is decided at run time.
  public var shape: [Int?]
  public var element: ElementType
  /// What its whole numbers stand for, where the network's file says it.
  public var quantization: Quantization?

  /// It has a first side, and that is decided at run time: a batch, or a list.
  public var isOpenInFront: Bool { if case .some(nil) = shape.first { true } else { false } }

  /// A quantised tensor holds whole numbers `q` that stand for `(q - zero) * scale`.
  public struct Quantization: Sendable, Hashable {
    public var scale: Float
    public var zero: Float

    public init(scale: Float, zero: Float) { (self.scale, self.zero) = (scale, zero) }
  }

  public init(name: String, shape: [Int?], element: ElementType) {
    (self.name, self.shape, self.element) = (name, shape, element)
  }

  /// How many elements a shape has; `nil` where their bytes could not be counted.
  public static func elementCount(of shape: [Int]) -> Int? {
    var product = 1
    for side in shape {
      let (next, overflows) = product.multipliedReportingOverflow(by: side)
      guard !overflows, next <= Int.max / 8 else { return nil }
      product = next
    }
    return product
  }

  /// Bytes of a tensor of this shape; `nil` where a side is open.
  public var byteCount: Int? {
    let sides = shape.compactMap { $0 }
    guard sides.count == shape.count else { return nil }
    return Self.elementCount(of: sides).map { $0 * element.byteCount }
  }

  public var isDynamic: Bool { shape.contains(nil) }

  /// A side behind the first is open: how long a row is differs from one to the next.
  public var isOpenInside: Bool { shape.dropFirst().contains(nil) }

  /// The sides of a tensor of so many bytes: an open first side is `rows`, and an open one behind it is what the bytes leave for it.
  ///
  /// Of several that are open behind the first, each is taken for as long as `rows`.
  public func sides(rows: Int, byteCount: Int) -> [Int] {
    let open = shape.indices.dropFirst().filter { shape[$0] == nil }
    var sides = shape.map { $0 ?? rows }
    guard open.count == 1, element.byteCount > 0 else { return sides }
    sides[open[0]] = 1
    let others = sides.reduce(element.byteCount, *)
    sides[open[0]] = others > 0 ? byteCount / others : 0
    return sides
  }

  /// The shape as people write it, `[1,3,?,?]`.
  public var shapeText: String { "[" + shape.map { $0.map(String.init) ?? "?" }.joined(separator: ",") + "]" }
  public var description: String { "\(name) \(element.rawValue) \(shapeText)" }
}
