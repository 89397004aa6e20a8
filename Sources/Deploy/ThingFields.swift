public import Base
internal import JSON

/// What a server shows of a thing: by the names of its API, each value as JSON that is written in one way only, so that what is equal has equal bytes.
public struct ThingFields: Sendable, Hashable {
  var values: [String: [UInt8]] = [:]

  public init() {}

  /// The value of a field as JSON; `nil` where it has none.
  public subscript(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

  mutating func set(_ name: String, _ text: String?) {
    values[name] = text.map { text in Self.text { $0.string(text) } }
  }

  mutating func set(_ name: String, number: Double?) {
    values[name] = number.map { number in Self.text { $0.number(number) } }
  }

  mutating func set(_ name: String, flag: Bool) { values[name] = Self.text { $0.bool(flag) } }

  /// Words whose order means nothing.
  mutating func set(_ name: String, words: [String]) { values[name] = Self.text { $0.strings(words.sorted()) } }

  mutating func set(_ name: String, json value: JSONValue) throws(Fault) {
    var json = JSONWriter(capacity: 256)
    try Self.write(value, into: &json)
    values[name] = json.take()
  }

  /// The text that a field is set to, where it is one.
  func string(_ name: String) -> String? {
    guard let text = self[name], let document = try? JSONDocument(parsing: text, name: name) else { return nil }
    return try? document.root.string()
  }

  /// What differs from these fields in others, sorted by name; `nil` stands for no value.
  public func differences(to other: ThingFields) -> [(name: String, old: String?, new: String?)] {
    Set(values.keys).union(other.values.keys).sorted().compactMap { name in
      values[name] == other.values[name] ? nil : (name, self[name], other[name])
    }
  }

  static func text(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(capacity: 64)
    write(&json)
    return json.take()
  }

  /// Members sorted by name, and numbers as servers write them: with four decimals at most.
  private static func write(_ value: JSONValue, into json: inout JSONWriter) throws(Fault) {
    switch value.kind {
    case .object:
      var members: [(key: String, value: JSONValue)] = []
      for member in try value.members() { members.append(member) }
      try json.object { (json) throws(Fault) in
        for member in members.sorted(by: { $0.key < $1.key }) {
          try json.field(JSONWriter.Name(member.key)) { (json) throws(Fault) in try write(member.value, into: &json) }
        }
      }
    case .array:
      let elements = try value.elements()
      try json.array { (json) throws(Fault) in for element in elements { try write(element, into: &json) } }
    case .string: json.string(try value.string())
    case .number: json.number(try value.number())
    case .bool: json.bool(try value.bool())
    case .null: json.null()
    }
  }

  /// All fields as one object, sorted by name.
  public func write(into json: inout JSONWriter) {
    for (name, text) in values.sorted(by: { $0.key < $1.key }) {
      json.field(JSONWriter.Name(name), embedding: text)
    }
  }

  init(_ value: JSONValue) throws(Fault) {
    for (name, value) in try value.members() { try set(name, json: value) }
  }
}
