public import Base
internal import NetworkFormats

/// Inputs whose numbers are places in a table (ONNX's `Gather`): the engine gives zeros for a place that the table does not have, where
/// ONNX calls it an error.
public struct TablePlaces: Sendable {
  private var counts: [String: Int] = [:]

  /// Those of a network's file; none where it is not ONNX, or no input holds whole numbers.
  public init(ofNetwork path: String?, inputs: [TensorSpec]) {
    guard let path, inputs.contains(where: { $0.element == .i32 || $0.element == .i64 }),
      case .onnx(let file)? = try? NetworkContents.of(path)
    else { return }
    counts = file.tables
  }

  /// Refuses numbers of an input that are no place: from -N to N - 1 of a table of N.
  ///
  /// - Throws: `badInput` with the input's name, the first such number, and how many places there are.
  public func check(_ bytes: SharedBytes, of spec: TensorSpec) throws(Fault) {
    guard let count = counts[spec.name] else { return }
    switch spec.element {
    case .i32: try check(bytes, spec, count, Int32.self)
    case .i64: try check(bytes, spec, count, Int64.self)
    default: return
    }
  }

  private func check<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: SharedBytes, _ spec: TensorSpec, _ count: Int, _: Number.Type
  ) throws(Fault) {
    let width = MemoryLayout<Number>.stride
    let (all, pointer) = unsafe (bytes.count / width, bytes.pointer)
    for index in 0..<all {
      let place = unsafe Int(pointer.loadUnaligned(fromByteOffset: index * width, as: Number.self))
      guard (-count..<count).contains(place) else {
        throw Fault(
          .badInput,
          "the input '\(spec.name)' has \(place), which is no place in the table of \(count) that the network looks it up in"
        )
      }
    }
  }
}
