internal import Base

/// A JSON document that is written out in code; the order of keys is kept.
enum Document: Sendable {
  case text(String)
  case number(Int)
  case decimal(Double)
  case flag(Bool)
  case list([Document])
  case object([(String, Document)])

  /// The same object with the keys of another, in place of those it has.
  func with(_ other: Document) -> Document {
    guard case .object(let own) = self, case .object(let more) = other else {
      preconditionFailure("only objects have keys")
    }
    let names = Set(more.map(\.0))
    return .object(own.filter { !names.contains($0.0) } + more)
  }

  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.string(text)
    case .number(let number): json.integer(number)
    case .decimal(let number): json.number(number, digits: 3)
    case .flag(let flag): json.bool(flag)
    case .list(let items):
      json.beginArray()
      for item in items { item.write(to: &json) }
      json.endArray()
    case .object(let entries):
      json.beginObject()
      for (key, value) in entries {
        json.key(name: key)
        value.write(to: &json)
      }
      json.endObject()
    }
  }
}

extension Document: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral text: String) { self = .text(text) }
  init(integerLiteral number: Int) { self = .number(number) }
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
  init(arrayLiteral items: Document...) { self = .list(items) }
  init(dictionaryLiteral entries: (String, Document)...) { self = .object(entries) }
}
