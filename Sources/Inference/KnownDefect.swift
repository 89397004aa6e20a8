internal import Base
internal import NetworkFormats

/// What the engine is known to compute wrongly without a word: one table, held against every network that is read.
///
/// Each row was measured against the network's own runtime (ONNX Runtime, LiteRT); docs/models.md shows the table to users.
public struct KnownDefect: Sendable {
  /// The pattern for a person, as docs/models.md lists it: format, operators, types.
  public let pattern: String
  /// The engine's version in which it was first seen.
  public let since: String
  /// What to do instead.
  let advice: String
  /// The operator of a network that fits the pattern.
  let find: @Sendable (Evidence) -> String?

  /// What is known of a network when it was read.
  struct Evidence: Sendable {
    let contents: NetworkContents
    /// The first operator on the way from an input that computes in 64-bit floats, as the engine has it.
    let doubleOperator: String?
    /// The first Softmax over a side that is not the last one with more than one number, by its name.
    let innerSoftmax: String?
    /// The first MaxPool that counts a window beyond its data, by its name.
    var overhangingPool: String?
    /// The first operator that adds or multiplies whole numbers of 8 or 16 bits, where ONNX lets them wrap and the engine does not.
    var narrowOperator: String?
  }

  public static let table: [KnownDefect] = [
    KnownDefect(
      pattern: "ONNX: QLinear operators but QLinearConv, QLinearMatMul and QLinearConcat", since: "2026.4.1",
      advice:
        "quantise the network in QDQ format (quantize_static with QuantFormat.QDQ), or use the one it was made from",
      find: quantizedOperator),
    KnownDefect(
      pattern:
        "TensorFlow Lite: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV with FLOAT32 data and UINT8 weights",
      since: "2026.4.1",
      advice: "convert the network again with a current TensorFlow, which writes INT8 weights, or without quantisation",
      find: hybridOperator),
    KnownDefect(
      pattern:
        "TensorFlow Lite: RESIZE_NEAREST_NEIGHBOR with half_pixel_centers to a size that is no multiple of what comes in",
      since: "2026.4.1", advice: "convert the network with sizes that are multiples, or with bilinear resizing",
      find: { evidence in
        guard case .tensorFlowLite(let file) = evidence.contents, file.hasUnevenNearest else { return nil }
        return "RESIZE_NEAREST_NEIGHBOR with half_pixel_centers and an uneven factor"
      }),
    KnownDefect(
      pattern: "ONNX, opsets 11 and 12: Softmax over a side that others with more than one number follow",
      since: "2026.4.1", advice: "export the network with opset 13 or later", find: inwardSoftmax),
    KnownDefect(
      pattern: "ONNX, opsets 13 to 17: ReduceL1, ReduceLogSum, ReduceLogSumExp with axes", since: "2026.4.1",
      advice: "export the network with opset 18 or later",
      find: operators(where: {
        (13...17).contains($1) && ["ReduceL1", "ReduceLogSum", "ReduceLogSumExp"].contains($0.name)
          && $0.attributes["axes"] != nil
      })),
    KnownDefect(
      pattern: "ONNX: ReduceL1, ReduceL2, ReduceLogSum with noop_with_empty_axes", since: "2026.4.1",
      advice: "export the network with the axes it reduces, or without that operator",
      find: operators(["ReduceL1", "ReduceL2", "ReduceLogSum"], with: "noop_with_empty_axes")),
    KnownDefect(
      pattern: "ONNX: Resize with antialias", since: "2026.4.1", advice: "export the network without antialias",
      find: operators(["Resize"], with: "antialias")),
    KnownDefect(
      pattern: "ONNX: Resize with keep_aspect_ratio_policy not_larger or not_smaller", since: "2026.4.1",
      advice: "export the network with sizes that are wanted as they are",
      find: operators(["Resize"], with: "keep_aspect_ratio_policy")),
    KnownDefect(
      pattern: "ONNX: Resize with exclude_outside", since: "2026.4.1",
      advice: "export the network without exclude_outside",
      find: operators(["Resize"], with: "exclude_outside")),
    KnownDefect(
      pattern: "ONNX: Resize with mode nearest and nearest_mode round_prefer_ceil", since: "2026.4.1",
      advice: "export the network with nearest_mode floor or round_prefer_floor",
      find: operators(where: { operation, _ in
        operation.name == "Resize" && operation.attributes["mode", default: 0] == 0
          && operation.attributes["nearest_mode", default: 0] != 0
      })),
    KnownDefect(
      pattern: "ONNX: MaxPool with ceil_mode whose last window begins behind the data", since: "2026.4.1",
      advice: "export the network without ceil_mode, or for a size of picture that its windows fit",
      find: { evidence in
        guard case .onnx = evidence.contents else { return nil }
        return evidence.overhangingPool.map { "MaxPool '\($0)' with ceil_mode" }
      }),
    KnownDefect(
      pattern: "all formats: arithmetic with 8-bit and 16-bit whole numbers (Add, Sub, Mul, Abs, Neg, Pow, sums)",
      since: "2026.4.1", advice: "convert them to 32 bits before",
      find: { $0.narrowOperator }),
    KnownDefect(
      pattern: "ONNX: RoiAlign with sampling_ratio 0, its default, or with mode max", since: "2026.4.1",
      advice: "export the network with a sampling_ratio, such as 2, and mode avg",
      find: operators(where: { operation, _ in
        operation.name == "RoiAlign"
          && (operation.attributes["sampling_ratio", default: 0] == 0 || operation.attributes["mode", default: 0] == 1)
      })),
    KnownDefect(
      pattern: "ONNX: AveragePool with ceil_mode, count_include_pad and pads; LpPool with ceil_mode", since: "2026.4.1",
      advice: "export the network without ceil_mode",
      find: operators(where: { operation, _ in
        guard operation.attributes["ceil_mode", default: 0] != 0 else { return false }
        return operation.name == "LpPool"
          || operation.name == "AveragePool" && operation.attributes["count_include_pad", default: 0] != 0
            && operation.attributes["pads", default: 0] != 0
      })),
    KnownDefect(
      pattern: "all formats: operators that compute in FP64", since: "2026.4.1",
      advice: "export the network in 32-bit floats", find: { $0.doubleOperator }),
  ]

  /// Changes with the table and with what counts as valid, so that nothing compiled before a row was known is used after it.
  public static let revision = 9

  /// Operators that give ONNX Runtime's answer, or one that differs by a step of their output's scale at most; all other
  /// quantised ones wrap where they must saturate, or ignore a zero point, in some of their types.
  private static let right: Set<String> = ["QLinearConv", "QLinearMatMul", "QLinearConcat"]

  @Sendable private static func quantizedOperator(_ evidence: Evidence) -> String? {
    guard case .onnx(let file) = evidence.contents else { return nil }
    return file.operators.map(\.name).filter { $0.hasPrefix("QLinear") && !right.contains($0) }.min()
  }

  /// The first of ONNX's own operators that fits; with the opset of the file.
  private static func operators(
    where fits: @escaping @Sendable (ONNXFile.Operator, Int) -> Bool
  ) -> @Sendable (Evidence) -> String? {
    { evidence in
      guard case .onnx(let file) = evidence.contents else { return nil }
      return file.operators.filter { $0.domain.isEmpty && fits($0, file.opset) }.map(\.name).min()
    }
  }

  /// Those of some names that set an attribute.
  private static func operators(
    _ names: Set<String>, with attribute: String
  ) -> @Sendable (Evidence) -> String? {
    operators(where: { operation, _ in
      names.contains(operation.name) && operation.attributes[attribute, default: 0] != 0
    })
  }

  @Sendable private static func inwardSoftmax(_ evidence: Evidence) -> String? {
    guard case .onnx(let file) = evidence.contents, (11...12).contains(file.opset) else { return nil }
    return evidence.innerSoftmax.map { "Softmax '\($0)' as opset \(file.opset) has it" }
  }

  @Sendable private static func hybridOperator(_ evidence: Evidence) -> String? {
    guard case .tensorFlowLite(let file) = evidence.contents else { return nil }
    return file.weighted.filter { $0.data == .float32 && $0.weights == .uint8 }.map {
      "\($0.name) with FLOAT32 data and UINT8 weights"
    }.min()
  }

  /// The first row that fits, as a refusal.
  static func refusal(_ evidence: Evidence) -> Fault? {
    for row in table {
      guard let name = row.find(evidence) else { continue }
      return Fault(
        .unsupported, "the network uses \(name), which OpenVINO computes wrongly without saying so: \(row.advice)")
    }
    return nil
  }
}
