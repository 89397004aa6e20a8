package import Base
package import NetworkFormats

/// A first look at a network file, to refuse early and plainly what the engine would refuse at length.
package enum NetworkFile {
  /// The oldest version of OpenVINO IR that this engine reads.
  private static let oldestIR = 10

  /// Gives what the file says of itself; the engine tries every reader on every file, and some complain loudly to standard
  /// error, so that unknown files stop here.
  @discardableResult
  package static func inspect(_ path: String) throws(Fault) -> NetworkContents {
    switch FileSystem.kind(of: path) {
    case nil: throw Fault(.notFound, "there is no network file \(path)")
    case .folder:
      guard FileSystem.kind(of: path + "/saved_model.pb") == .file else {
        throw Fault(.badInput, "\(path) is a folder without saved_model.pb: name the network file in it")
      }
      return .other
    case .file, .other:
      guard try FileSystem.byteCount(of: path) > 0 else { throw Fault(.badInput, "\(path) is empty") }
      let contents = try NetworkContents.of(path)
      if contents == .openVINO { try inspectIR(path) }
      if case .tensorFlowLite(let file) = contents {
        try refuse(file.flaw, of: "TensorFlow Lite", "convert it again")
        try refuseEdgeTPU(file)
      }
      if case .onnx(let file) = contents {
        try refuse(
          file.flaw, of: "ONNX",
          "export it again (`onnx.checker.check_model` in Python tells what else is wrong)")
      }
      try NetworkParts.checkAll(of: path, contents)
      return contents
    }
  }

  /// The engine takes one of the readings that such a network has, and says nothing.
  private static func refuse(_ flaw: String?, of format: String, _ advice: String) throws(Fault) {
    guard let flaw else { return }
    throw Fault(.badInput, "the network is not valid \(format): \(flaw); \(advice)")
  }

  /// No engine for it is behind the port.
  private static func refuseEdgeTPU(_ file: TFLiteFile) throws(Fault) {
    guard file.customOperators.contains("edgetpu-custom-op") else { return }
    throw Fault(
      .unsupported,
      "the network was compiled for a Coral Edge TPU (operator edgetpu-custom-op), and nothing runs there yet: use the file that edgetpu_compiler was given"
    )
  }

  /// OpenVINO alone cannot read them.
  static func refuseExternalBuffers(_ file: TFLiteFile) throws(Fault) {
    guard file.externalBufferCount > 0 else { return }
    throw Fault(
      .unsupported,
      """
      \(file.externalBufferCount) of the network's weights stand behind the tables of the TensorFlow Lite file, by offset and \
      size as newer exporters write them, and that cannot be read here yet; export it as ONNX, or with an exporter that puts \
      weights into the tables
      """)
  }

  /// `<net name="…" version="11">`, and the weights beside it.
  private static func inspectIR(_ path: String) throws(Fault) {
    let text = String(decoding: try FileSystem.read(path, limit: 1 << 30).prefix(4096), as: UTF8.self)
    guard let net = EngineErrorText.between("<net ", ">", in: text) else {
      throw Fault(.badInput, "\(path) is not an OpenVINO IR file: there is no <net> element in it")
    }
    if let version = EngineErrorText.between("version=\"", "\"", in: net).flatMap({ Int($0) }), version < oldestIR {
      throw Fault(
        .unsupported,
        """
        the network is in OpenVINO IR version \(version), and only \(oldestIR) and newer can be read: convert the \
        original network again with a current OpenVINO
        """)
    }
    let weights = path.dropLast(4) + ".bin"
    if FileSystem.kind(of: String(weights)) == nil {
      throw Fault(.notFound, "the weights \(weights) are missing beside \(path)")
    }
  }
}
