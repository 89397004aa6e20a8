internal import Base

/// Strings one behind the other, each behind its length in 4 bytes.
enum StringTensor {
  /// Where each string lies, without its length.
  static func ranges(of bytes: RawSpan) throws(Fault) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var at = 0
    while at < bytes.byteCount {
      guard bytes.byteCount - at >= 4 else {
        throw Fault(.badInput, "the tensor ends within the length of a string, at byte \(at)")
      }
      let length = Int(UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
      guard length <= bytes.byteCount - at - 4 else {
        let rest = bytes.byteCount - at - 4
        throw Fault(
          .badInput, "a string of \(length) bytes begins at byte \(at) of the tensor, which goes on for \(rest)")
      }
      ranges.append(at + 4..<at + 4 + length)
      at += 4 + length
    }
    return ranges
  }

  static func append(_ text: some Collection<UInt8>, to tensor: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(text.count).littleEndian) { tensor.append(contentsOf: $0) }
    tensor.append(contentsOf: text)
  }
}
