/// Holds what a TensorFlow Lite file says against what LiteRT asks of every network.
///
/// Operators are known ones, and give no tensor that they take. Quantised numbers keep to TensorFlow's 8-bit quantisation
/// specification (tensorflow.org/lite/performance/quantization_spec): zero points are numbers of the tensor's own type, and those of
/// weights of convolutions, of 16-bit and of 32-bit numbers are 0. An engine that meets such a flaw takes one of the readings and says
/// nothing.
struct TFLiteChecker {
  /// The last of `BuiltinOperator` (`STABLEHLO_CBRT`, LiteRT 2).
  private static let lastOperator = 208
  /// More than any operator has so far (`FULLY_CONNECTED`, 14).
  private static let lastVersion = 32
  /// `CONV_2D`, `DEPTHWISE_CONV_2D` and `TRANSPOSE_CONV`, whose second input is the weights.
  private static let convolutions: Set<Int> = [3, 4, 67]

  let tables: FlatTables

  /// The first thing that is wrong, for a person.
  ///
  /// Field numbers are those of TensorFlow Lite's `schema.fbs`.
  func flaw() throws(Damaged) -> String? {
    let model = try tables.root
    var codes: [Int] = []
    for code in try tables.list(model, field: 1) {
      let number = try TFLiteFile.number(of: code, in: tables)
      guard number <= Self.lastOperator else {
        return "it has the operator \(number), and they go to \(Self.lastOperator)"
      }
      let version = try tables.number(code, field: 2, bytes: 4, otherwise: 1)
      guard (0...Self.lastVersion).contains(version) else {
        return "it has an operator of version \(version), and they go to \(Self.lastVersion) at most"
      }
      codes.append(number)
    }
    for graph in try tables.list(model, field: 2) {
      let tensors = try tables.list(graph, field: 0)
      for tensor in tensors { if let flaw = try flaw(of: tensor) { return flaw } }
      for node in try tables.list(graph, field: 3) { if let flaw = try flaw(of: node, codes, tensors) { return flaw } }
    }
    return nil
  }

  private func flaw(of node: Int, _ codes: [Int], _ tensors: [Int]) throws(Damaged) -> String? {
    let index = try tables.number(node, field: 0, bytes: 4)
    guard codes.indices.contains(index) else {
      return "an operator is the file's number \(index), and it has \(codes.count)"
    }
    let (inputs, outputs) = (try tables.integers(node, field: 1), try tables.integers(node, field: 2))
    // -1 stands for an input that is left out.
    for tensor in inputs where tensor != -1 && !tensors.indices.contains(tensor) {
      return "an operator takes tensor \(tensor), and the graph has \(tensors.count)"
    }
    for tensor in outputs where !tensors.indices.contains(tensor) {
      return "an operator gives tensor \(tensor), and the graph has \(tensors.count)"
    }
    if let tensor = outputs.first(where: inputs.contains) {
      return "an operator takes \(try name(of: tensors[tensor])), which it gives itself"
    }
    if Self.convolutions.contains(codes[index]), inputs.count > 1, inputs[1] >= 0 {
      return try flaw(ofWeights: tensors[inputs[1]])
    }
    return nil
  }

  private func flaw(of tensor: Int) throws(Damaged) -> String? {
    guard let said = try tables.table(tensor, field: 4) else { return nil }
    let (scales, zeros) = (try tables.floats(said, field: 2), try tables.longs(said, field: 3))
    guard !scales.isEmpty else { return nil }
    if let scale = scales.first(where: { !$0.isFinite || $0 < 0 }) {
      return "\(try name(of: tensor)) has the scale \(scale)"
    }
    guard let (range, kind) = Self.zeros(try tables.number(tensor, field: 1, bytes: 1)) else { return nil }
    if let zero = zeros.first(where: { !range.contains($0) }) {
      return "\(try name(of: tensor)) has the zero point \(zero), which is none of \(kind)"
    }
    // Which side they belong to is said wrongly by older converters, and LiteRT does not look.
    let sides = try tables.integers(tensor, field: 0)
    if scales.count > 1, !sides.contains(scales.count) {
      return "\(try name(of: tensor)) has \(scales.count) scales, and its sides are \(sides)"
    }
    return nil
  }

  private func flaw(ofWeights tensor: Int) throws(Damaged) -> String? {
    let int8 = 9
    guard try tables.number(tensor, field: 1, bytes: 1) == int8, let said = try tables.table(tensor, field: 4) else {
      return nil
    }
    guard let zero = try tables.longs(said, field: 3).first(where: { $0 != 0 }) else { return nil }
    return
      "the weights \(try name(of: tensor)) have the zero point \(zero), and that of a convolution's INT8 weights is 0"
  }

  /// Which zero points numbers of a type have, by its number in `TensorType`.
  private static func zeros(_ type: Int) -> (ClosedRange<Int64>, String)? {
    switch type {
    case 3: (0...255, "UINT8")
    case 9: (-128...127, "INT8")
    case 7: (0...0, "INT16, where it is 0")
    case 2: (0...0, "INT32, where it is 0")
    default: nil
    }
  }

  private func name(of tensor: Int) throws(Damaged) -> String {
    "'\(NetworkParts.shown(try tables.text(tensor, field: 3)))'"
  }
}
