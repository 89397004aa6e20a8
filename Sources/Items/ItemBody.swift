internal import Base
internal import JSON

/// A body that was read: one JSON object, no member of which stands twice.
struct ItemBody {
  private let members: [(key: String, value: JSONValue)]

  init(_ bytes: [UInt8], of key: ItemKey) throws(Fault) {
    let document = try JSONDocument(parsing: bytes.span.bytes, name: "the body of \(key)")
    var members: [(key: String, value: JSONValue)] = []
    var names: Set<String> = []
    for member in try document.root.members() {
      guard names.insert(member.key).inserted else {
        throw document.root.fault("the key '\(member.key)' stands here twice")
      }
      members.append(member)
    }
    self.members = members
  }

  subscript(_ name: String) -> JSONValue? { members.first { $0.key == name }?.value }

  /// A member as a part of a key; `nil` where it is not there, or null.
  func keyText(_ name: String) throws(Fault) -> String? {
    guard let value = self[name], !value.isNull else { return nil }
    return value.kind == .number ? CompositeKey.number(try value.integer()) : try value.string()
  }

  /// A member of the element at a place of an array of objects; `nil` where there is none.
  func keyText(_ name: String, at place: Int, _ member: String) throws(Fault) -> String? {
    guard let value = self[name], value.kind == .array else { return nil }
    for (number, element) in try value.elements().enumerated() where number == place {
      guard element.kind == .object else { return nil }
      for (key, value) in try element.members() where key == member && !value.isNull { return try value.string() }
    }
    return nil
  }

  /// A member as texts: one string, or an array of them; none where it is not there, or null.
  func texts(_ name: String) throws(Fault) -> [String] {
    guard let value = self[name], !value.isNull else { return [] }
    guard value.kind == .array else { return [try value.string()] }
    var texts: [String] = []
    for element in try value.elements() { texts.append(try element.string()) }
    return texts
  }

  func projected(to names: [String]) -> [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      for name in names {
        if let value = self[name] { json.field(JSONWriter.Name(name)) { value.write(to: &$0) } }
      }
    }
  }
}
