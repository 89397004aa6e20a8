public import Base

extension ServedVersion {
  /// A tensor as somebody sent it.
  public struct Given: Sendable {
    public let name: String
    public let element: ElementType
    public let shape: [Int]
    /// As many as shape and element say, little end first.
    public let bytes: LentBytes

    public init(name: String, element: ElementType, shape: [Int], bytes: LentBytes) {
      (self.name, self.element, self.shape, self.bytes) = (name, element, shape, bytes)
    }
  }

  /// Tensors in the order of the network's inputs, and their rows.
  ///
  /// - Throws: `badInput` where one is missing, unknown, twice there or does not fit, saying what was expected.
  public func arrange(_ given: [Given]) throws(Fault) -> (inputs: [LentBytes], rows: Int) {
    var rows: Int?
    var arranged: [LentBytes?] = Array(repeating: nil, count: inputs.count)
    for tensor in given {
      guard let index = inputs.firstIndex(where: { $0.name == tensor.name }) else {
        let names = inputs.map(\.name)
        throw refusal(
          "it has no input '\(tensor.name)'\(Spelling.hint(for: tensor.name, among: names)); it takes \(inputs.map(\.description).joined(separator: ", "))"
        )
      }
      guard arranged[index] == nil else { throw refusal("the input '\(tensor.name)' is there twice") }
      try check(tensor, against: inputs[index])
      if takesRows {
        guard rows ?? tensor.shape[0] == tensor.shape[0] else {
          throw refusal("its inputs have \(rows!) and \(tensor.shape[0]) rows: all must have as many")
        }
        rows = tensor.shape[0]
      }
      arranged[index] = tensor.bytes
    }
    for (index, bytes) in arranged.enumerated() where bytes == nil {
      throw refusal("the input \(inputs[index]) is missing")
    }
    return (arranged.map { $0! }, rows ?? 1)
  }

  private func check(_ tensor: Given, against spec: TensorSpec) throws(Fault) {
    guard tensor.element == spec.element else {
      throw refusal("the input '\(spec.name)' is \(spec.element.rawValue), and \(tensor.element.rawValue) was sent")
    }
    let fits =
      tensor.shape.count == spec.shape.count && zip(tensor.shape, spec.shape).allSatisfy { $1 == nil || $0 == $1 }
    guard fits, !takesRows || tensor.shape[0] > 0 else {
      let sent = "[" + tensor.shape.map(String.init).joined(separator: ",") + "]"
      throw refusal("the input '\(spec.name)' has the shape \(spec.shapeText), and \(sent) was sent")
    }
    guard takesRows, tensor.shape[0] > ServedVersion.maxRows else { return }
    throw refusal("\(tensor.shape[0]) rows were sent, and one request may have \(ServedVersion.maxRows): send several")
  }

  /// Rows of one request.
  public static let maxRows = 1024

  private func refusal(_ message: String) -> Fault { Fault(.badInput, "model '\(model)': \(message)") }
}
