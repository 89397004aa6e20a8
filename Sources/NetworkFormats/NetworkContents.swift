public import Base

/// What is in a network file, as far as it can be told without an engine.
public enum NetworkContents: Sendable, Hashable {
  case onnx(ONNXFile)
  case tensorFlowLite(TFLiteFile)
  /// OpenVINO IR.
  case openVINO
  /// TensorFlow, Paddle.
  case other

  /// Looks at the beginning of the file, and reads the structure of those formats whose structure is known here.
  ///
  /// - Throws: `badInput` where that is damaged, or where the file is none of the formats.
  public static func of(_ path: String) throws(Fault) -> NetworkContents {
    guard let contents = try ifKnown(path) else {
      throw Fault(
        .badInput,
        "\(path) is not a network file of a known format: ONNX, TensorFlow Lite, OpenVINO IR, TensorFlow or Paddle is expected"
      )
    }
    return contents
  }

  /// The same, with `nil` for a file that is none of the formats.
  static func ifKnown(_ path: String) throws(Fault) -> NetworkContents? {
    if FileSystem.kind(of: path) == .folder { return .other }
    let file = try FileWindow(path)
    if file.starts(with: "<") || path.hasSuffix(".xml") { return .openVINO }
    if file.holds("TFL3", at: 4) { return .tensorFlowLite(try TFLiteFile(path)) }
    if file.starts(with: "{") { return .other }
    guard file.isProtobuf, !path.lowercased().hasSuffix(".caffemodel") else { return nil }
    return isONNX(file, path) ? .onnx(try ONNXFile(path)) : .other
  }

  /// By the name where it is that of another format and the file has no graph where ONNX has it; all else is taken for ONNX.
  private static func isONNX(_ file: FileWindow, _ path: String) -> Bool {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    // The graph of a `.meta` file has what looks like one in that place.
    if ending == "meta" { return false }
    guard ["pb", "pbtxt", "pdmodel"].contains(ending) || !path.contains(".") else { return true }
    var fields = ProtobufFields(file, 0..<file.byteCount)
    while let field = try? fields.next() { if field.number == 7, field.bytes != nil { return true } }
    return false
  }
}
