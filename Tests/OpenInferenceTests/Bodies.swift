import Base
import OpenInference
import Testing

/// A request's body: JSON, and tensors behind it.
struct RequestBody {
  var head: String
  var tail: [UInt8] = []
  /// Whether the header tells where the JSON ends.
  var tells = true

  var bytes: [UInt8] { Array(head.utf8) + tail }
  var headCount: Int? { tells ? head.utf8.count : nil }

  func call() throws(Fault) -> InferCall { try InferCall.parse(bytes.span.bytes, headCount: headCount) }
}

extension InferCall.Input {
  func bytes(in body: RequestBody) -> [UInt8] {
    switch content {
    case .body(let range): Array(body.bytes[range])
    case .values(let values): values
    }
  }
}

/// The fault that a step ends in.
func fault(_ body: () throws -> Void) -> Fault? {
  do { try body() } catch { return error as? Fault }
  return nil
}

func bytes<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

func strings(_ values: [[UInt8]]) -> [UInt8] { values.flatMap { bytes([UInt32($0.count)]) + $0 } }

/// Tensors in arrays, which count how often their bytes are lent.
final class Shelf: LentTensors {
  let specs: [TensorSpec]
  private let contents: [[UInt8]]
  private(set) var lent: [String: Int] = [:]

  init(_ tensors: [(name: String, element: ElementType, shape: [Int], bytes: [UInt8])]) {
    specs = tensors.map { TensorSpec(name: $0.name, shape: $0.shape, element: $0.element) }
    contents = tensors.map(\.bytes)
  }

  func withBytes<Result>(_ index: Int, _ body: (RawSpan) -> Result) -> Result {
    lent[specs[index].name, default: 0] += 1
    let held = contents[index]
    return body(held.span.bytes)
  }
}
