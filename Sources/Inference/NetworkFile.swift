package import Base

/// A first look at a network file, to refuse early and plainly what the engine would refuse at length.
package enum NetworkFile {
  /// The oldest version of OpenVINO IR that this engine reads.
  private static let oldestIR = 10

  package static func inspect(_ path: String) throws(Fault) {
    switch FileSystem.kind(of: path) {
    case nil: throw Fault(.notFound, "there is no network file \(path)")
    case .folder:
      guard FileSystem.kind(of: path + "/saved_model.pb") == .file else {
        throw Fault(.badInput, "\(path) is a folder without saved_model.pb: name the network file in it")
      }
    case .file, .other:
      guard try FileSystem.byteCount(of: path) > 0 else { throw Fault(.badInput, "\(path) is empty") }
      try inspectFormat(path)
    }
  }

  /// The engine tries every reader on every file, and some complain loudly to standard error: unknown files stop here.
  private static func inspectFormat(_ path: String) throws(Fault) {
    let head = try FileHead(path)
    if head.starts(with: "<") || path.hasSuffix(".xml") { return try inspectIR(path) }
    // TensorFlow Lite is a FlatBuffer with its name at byte 4; Paddle may be JSON; the others are Protocol Buffers.
    if head.holds("TFL3", at: 4) { return try OperatorOptions.check(path) }
    let isKnown = head.starts(with: "{") || head.isProtobuf
    guard isKnown else {
      throw Fault(
        .badInput,
        "\(path) is not a network file of a known format: ONNX, TensorFlow Lite, OpenVINO IR, TensorFlow or Paddle is expected"
      )
    }
  }

  /// `<net name="…" version="11">`, and the weights beside it.
  private static func inspectIR(_ path: String) throws(Fault) {
    let text = String(decoding: try FileSystem.read(path, limit: 1 << 30).prefix(4096), as: UTF8.self)
    guard let net = Refusal.between("<net ", ">", in: text) else {
      throw Fault(.badInput, "\(path) is not an OpenVINO IR file: there is no <net> element in it")
    }
    if let version = Refusal.between("version=\"", "\"", in: net).flatMap({ Int($0) }), version < oldestIR {
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
