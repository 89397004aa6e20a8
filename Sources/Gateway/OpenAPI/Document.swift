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
    case .list(let items): json.array { for item in items { item.write(to: &$0) } }
    case .object(let entries):
      json.object { json in
        for (key, value) in entries { json.field(JSONWriter.Name(key)) { value.write(to: &$0) } }
      }
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
