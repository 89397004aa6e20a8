/// Producer and `metadata_props` of an ONNX file.
///
/// The file is a Protocol Buffers message, `ModelProto` of `onnx.proto`; its graph, all of the rest, is skipped by its length.
struct ONNXWords {
  private(set) var producer = ""
  private(set) var properties: [String: String] = [:]

  /// Entries read, at most, and fields looked at on the way to them.
  private static let (mostProperties, mostFields) = (1000, 100_000)

  init(_ file: borrowing FileWindow) throws(FileWindow.Damaged) {
    var reader = MessageReader(0..<file.byteCount)
    for _ in 0..<Self.mostFields {
      guard let field = try reader.next(in: file) else { return }
      switch (field.number, field.bytes) {
      case (2, let bytes?): producer = try Self.text(bytes, file)
      case (14, let bytes?) where properties.count < Self.mostProperties:
        let (key, value) = try Self.entry(bytes, file)
        properties[key] = value
      default: break
      }
    }
  }

  /// `StringStringEntryProto`: key and value.
  private static func entry(
    _ bytes: Range<Int>, _ file: borrowing FileWindow
  ) throws(FileWindow.Damaged) -> (String, String) {
    var (key, value) = ("", "")
    var reader = MessageReader(bytes)
    while let field = try reader.next(in: file) {
      guard let text = field.bytes else { continue }
      if field.number == 1 { key = try Self.text(text, file) }
      if field.number == 2 { value = try Self.text(text, file) }
    }
    return (key, value)
  }

  private static func text(_ bytes: Range<Int>, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> String {
    String(decoding: try file.read(bytes.count, at: bytes.lowerBound), as: UTF8.self)
  }
}

/// Fields of one message, in order; encoding: protobuf.dev, "Encoding", message structure.
private struct MessageReader {
  private var offset: Int
  private let end: Int

  struct Field {
    let number: UInt64
    /// Of a field with a length.
    let bytes: Range<Int>?
  }

  init(_ bytes: Range<Int>) { (offset, end) = (bytes.lowerBound, bytes.upperBound) }

  mutating func next(in file: borrowing FileWindow) throws(FileWindow.Damaged) -> Field? {
    guard offset < end else { return nil }
    let tag = try varint(file)
    var bytes: Range<Int>?
    switch tag & 7 {
    case 0: _ = try varint(file)
    case 1: offset += 8
    case 2:
      let length = try varint(file)
      guard length <= UInt64(max(0, end - offset)) else { throw FileWindow.Damaged() }
      bytes = offset..<offset + Int(length)
      offset += Int(length)
    case 5: offset += 4
    default: throw FileWindow.Damaged()
    }
    guard offset <= end else { throw FileWindow.Damaged() }
    return Field(number: tag >> 3, bytes: bytes)
  }

  private mutating func varint(_ file: borrowing FileWindow) throws(FileWindow.Damaged) -> UInt64 {
    var value: UInt64 = 0
    for (index, byte) in try file.read(min(10, max(0, end - offset)), at: offset).enumerated() {
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      guard byte < 0x80 else { continue }
      offset += index + 1
      return value
    }
    throw FileWindow.Damaged()
  }
}
