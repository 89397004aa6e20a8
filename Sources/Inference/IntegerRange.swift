public import Base
internal import NetworkFormats

/// Which whole numbers a network's inputs take, beyond what their type says; see also ``ValueRange``.
///
/// Numbers that are places in a table (ONNX's `Gather`) are places that it has: for others the engine gives zeros, where ONNX calls it
/// an error. And the engine compares, divides and sums whole numbers as 32-bit floats, which hold them up to 2^24.
public struct IntegerRange: Sendable {
  /// Places of the smallest table, by the input's name.
  private var tables: [String: Int] = [:]
  /// The first operator that computes whole numbers as floats; `nil` where there is none, so that all 32 bits count.
  private var coarse: String?

  /// What 32-bit floats hold without a gap.
  static let exact = 1 << 24

  /// ONNX's operators that were found to compute whole numbers as floats (engine 2026.4.1), or may on their way.
  private static let coarseOperators: Set<String> = [
    "Clip", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "MatMul", "Mean", "Mod", "Pow",
    "ReduceL1",
    "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Sum",
  ]

  /// Those of a network's file; none where no input holds whole numbers, or where it is no model of tensors.
  public init(ofNetwork path: String?, inputs: [TensorSpec]) {
    guard let path, inputs.contains(where: { $0.element == .i32 || $0.element == .i64 }) else { return }
    guard case .onnx(let file)? = try? NetworkContents.of(path) else {
      coarse = "an operator that may compute in floats"
      return
    }
    tables = file.tables
    coarse = file.operators.filter { $0.domain.isEmpty && Self.coarseOperators.contains($0.name) }.map(\.name).min()
  }

  /// Refuses numbers of an input that the network would take for others.
  ///
  /// - Throws: `badInput` with the input's name, the first such number, and what is taken.
  public func check(_ bytes: SharedBytes, of spec: TensorSpec) throws(Fault) {
    switch spec.element {
    case .i32: try check(bytes, spec, Int32.self)
    case .i64: try check(bytes, spec, Int64.self)
    default: return
    }
  }

  private func check<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: SharedBytes, _ spec: TensorSpec, _: Number.Type
  ) throws(Fault) {
    let places = tables[spec.name].map { -$0..<$0 }
    if let places,
      let (number, _) = ValueRange.first(of: bytes, where: { (number: Number) in !places.contains(Int(number)) })
    {
      throw Fault(
        .badInput,
        "the input '\(spec.name)' has \(number), which is no place in the table of \(places.upperBound) that the network looks it up in"
      )
    }
    let exact = -Self.exact...Self.exact
    if let coarse,
      let (number, _) = ValueRange.first(of: bytes, where: { (number: Number) in !exact.contains(Int(number)) })
    {
      throw Fault(
        .badInput,
        "the input '\(spec.name)' has \(number): whole numbers beyond \(Self.exact) do not survive \(coarse), which the engine computes in 32-bit floats"
      )
    }
  }
}
