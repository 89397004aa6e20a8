internal import NetworkFormats

/// What a network's file asks to be computed in: it decides how far two engines may be apart.
enum NetworkArithmetic: Sendable {
  case single
  case half
  /// Whole numbers of 8 bits somewhere on the way.
  case quantized

  init(_ contents: NetworkContents) {
    switch contents {
    case .onnx(let file): self = Self.isQuantized(file) ? .quantized : file.usesHalf ? .half : .single
    case .tensorFlowLite(let file):
      // With weights of 8 bits LiteRT rounds floats to 8 bits too, before it multiplies.
      let isRounded = file.weighted.contains {
        $0.data != .float32 || $0.weights == .int8 || $0.weights == .uint8
      }
      self = isRounded || file.quantizes ? .quantized : .single
    case .openVINO, .other: self = .single
    }
  }

  private static func isQuantized(_ file: ONNXFile) -> Bool {
    file.operators.contains { operation in
      let name = operation.name
      return name == "QuantizeLinear" || name == "DynamicQuantizeLinear" || name.hasPrefix("QLinear")
        || name.hasSuffix("Integer")
    }
  }
}
