public import Base

extension JSONValue {
  /// Writes the value anew, compact: strings, keys and their order as they are, numbers that read back as the same.
  public func write(to json: inout JSONWriter) {
    switch kind {
    case .object:
      json.object { for (key, value) in JSONMembers(self) { $0.field(JSONWriter.Name(key)) { value.write(to: &$0) } } }
    case .array: json.array { for value in JSONElements(self) { value.write(to: &$0) } }
    case .string: json.string(document.string(index))
    case .bool: json.bool(document.type(index) == UInt8(ascii: "t"))
    case .null: json.null()
    case .number: json.embed(Array(described.utf8))
    }
  }
}
