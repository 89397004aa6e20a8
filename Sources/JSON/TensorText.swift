public import Base
internal import CSimdjson

/// The elements of a tensor as the text of one flat JSON array.
public enum TensorText {
  /// Writes little-endian numbers or flags in their order.
  ///
  /// Floats read back exactly; NaN and the infinities, which JSON does not have, are null. Faults are `unsupported` for
  /// 16-bit floats and strings, and `badInput` where `bytes` are no whole elements.
  public static func of(_ bytes: RawSpan, _ element: ElementType) throws(Fault) -> [UInt8] {
    guard let packed = element.packed, element != .string else {
      throw Fault(.unsupported, "\(element.rawValue) has no form in JSON: ask for it as binary data")
    }
    let count = bytes.byteCount / element.byteCount
    guard count * element.byteCount == bytes.byteCount else {
      throw Fault(.badInput, "\(bytes.byteCount) bytes are no whole elements of \(element.rawValue)")
    }
    let room = count * ridley_json_longest(packed) + 2
    return unsafe [UInt8](unsafeUninitializedCapacity: room) { text, length in
      unsafe length = bytes.withUnsafeBytes { raw in
        unsafe ridley_json_write(
          packed, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), count, text.baseAddress)
      }
    }
  }
}
