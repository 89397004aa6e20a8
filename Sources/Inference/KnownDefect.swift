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
    var doubleOperator: String?
    /// The same for one that multiplies integers of 8 bits.
    var narrowProduct: String?
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
      pattern: "all formats: operators that compute in FP64", since: "2026.4.1",
      advice: "export the network in 32-bit floats", find: { $0.doubleOperator }),
    KnownDefect(
      pattern: "all formats: multiplication of 8-bit integers", since: "2026.4.1",
      advice:
        "it cuts what does not fit, where the network's own runtime keeps the low bits: multiply wider integers or floats",
      find: { $0.narrowProduct }),
  ]

  /// Changes with the table, so that nothing compiled before a row was known is used after it.
  public static let revision = 1

  /// Operators that give ONNX Runtime's answer, or one that differs by a step of their output's scale at most; all other
  /// quantised ones wrap where they must saturate, or ignore a zero point, in some of their types.
  private static let right: Set<String> = ["QLinearConv", "QLinearMatMul", "QLinearConcat"]

  @Sendable private static func quantizedOperator(_ evidence: Evidence) -> String? {
    guard case .onnx(let file) = evidence.contents else { return nil }
    return file.operators.map(\.name).filter { $0.hasPrefix("QLinear") && !right.contains($0) }.min()
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
        .unsupported, "the network uses \(name), which the engine computes wrongly without saying so: \(row.advice)")
    }
    return nil
  }
}
