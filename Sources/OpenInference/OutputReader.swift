internal import Base
internal import JSON

/// Reads which outputs are wanted.
struct OutputReader {
  let binaryByDefault: Bool

  private enum Key: String, CaseIterable { case name, parameters }
  private enum Parameter: String, CaseIterable { case binaryData = "binary_data", classification }

  /// `nil` for an empty list, which asks for all.
  func outputs(_ value: JSONValue) throws(Fault) -> [WantedOutput]? {
    var outputs: [WantedOutput] = []
    var names: Set<String> = []
    for item in try value.elements() {
      let output = try output(item)
      guard names.insert(output.name).inserted else {
        throw item.fault("the output '\(output.name)' stands here twice")
      }
      outputs.append(output)
    }
    return outputs.isEmpty ? nil : outputs
  }

  private func output(_ value: JSONValue) throws(Fault) -> WantedOutput {
    let fields = try value.fields(Key.self, others: .ignored)
    var output = WantedOutput(name: try fields.required(.name).string(), binary: binaryByDefault)
    guard let value = fields.given(.parameters) else { return output }
    try SharedMemory.refuse(value)
    let parameters = try value.fields(Parameter.self, others: .ignored)
    output.binary = try parameters.given(.binaryData)?.bool() ?? binaryByDefault
    let classes = try parameters.given(.classification)?.integer(in: 0 ... .max)
    output.classes = classes == 0 ? nil : classes
    return output
  }
}
