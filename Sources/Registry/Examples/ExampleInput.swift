public import Base
internal import OpenInference

/// One input that a version is shown: a picture, or the tensors of one request.
public struct ExampleInput: Sendable {
  /// What its file is called.
  public let name: String
  public let bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

  /// It holds tensors, by its name: an array of NumPy (`.npy`), or the JSON of a request to `/v2/models/…/infer` (`.json`).
  public var isTensors: Bool { [".npy", ".json"].contains { name.lowercased().hasSuffix($0) } }

  /// The bytes of each input of a network, in its order.
  ///
  /// - Throws: where these are no tensors that it takes; the message begins with the file's name.
  public func tensors(for specs: [TensorSpec]) throws(Fault) -> [[UInt8]] {
    do throws(Fault) {
      let call = name.lowercased().hasSuffix(".npy") ? try array(for: specs) : try InferCall.parse(bytes.span.bytes)
      return try call.inputs(for: specs).map { input in
        switch input.content {
        case .values(let values): values
        case .body(let range): Array(bytes[range])
        }
      }
    } catch { throw error.at(name) }
  }

  private func array(for specs: [TensorSpec]) throws(Fault) -> InferCall {
    let array = try NumPyArray(bytes, name: name)
    guard specs.count == 1 else {
      throw Fault(
        .badInput,
        "an array is one tensor, and the network takes \(specs.count): name them in the JSON of a request to /v2/models/…/infer"
      )
    }
    return InferCall(
      inputs: [.init(name: specs[0].name, element: array.element, shape: array.shape, content: .values(array.bytes))])
  }
}
