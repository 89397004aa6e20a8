internal import NetworkFormats

/// Producer and `metadata_props` of an ONNX file.
///
/// The file is a Protocol Buffers message, `ModelProto` of `onnx.proto`; its graph, all of the rest, is skipped by its length.
struct ONNXWords {
  private(set) var producer = ""
  private(set) var properties: [String: String] = [:]

  /// Entries read, at most, and fields looked at on the way to them.
  private static let (mostProperties, mostFields) = (1000, 100_000)
  /// More than a piece of metadata ever is.
  private static let longest = 4 << 20

  init(_ file: FileWindow) throws(Damaged) {
    var fields = ProtobufFields(file, 0..<file.byteCount)
    for _ in 0..<Self.mostFields {
      guard let field = try fields.next() else { return }
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
    _ bytes: Range<Int>, _ file: FileWindow
  ) throws(Damaged) -> (String, String) {
    var (key, value, fields) = ("", "", ProtobufFields(file, bytes))
    while let field = try fields.next() {
      guard let text = field.bytes else { continue }
      if field.number == 1 { key = try Self.text(text, file) }
      if field.number == 2 { value = try Self.text(text, file) }
    }
    return (key, value)
  }

  private static func text(_ bytes: Range<Int>, _ file: FileWindow) throws(Damaged) -> String {
    String(decoding: try file.bytes(bytes, limit: longest), as: UTF8.self)
  }
}
