/// The words in which resources describe what goes in and comes out: OpenAPI's objects, made in code.
protocol SchemaWords {}

extension SchemaWords {
  static func reference(_ kind: String, _ name: String) -> Document { ["$ref": .text("#/components/\(kind)/\(name)")] }
  static func schema(_ name: String) -> Document { reference("schemas", name) }

  // Contents by media type.

  static func json(_ schema: Document) -> Document { ["application/json": ["schema": schema]] }
  static func bytes(_ type: String) -> Document { ["schema": ["contentMediaType": .text(type)]] }

  // Answers, by status.

  static func ok(_ schemaName: String) -> [(String, Document)] { answer(json(schema(schemaName))) }

  static func answer(_ content: Document, _ text: String = "Done.") -> [(String, Document)] {
    [("200", ["description": .text(text), "content": content])]
  }

  /// Without a body.
  static func done(_ status: Int, _ text: String = "Done.") -> [(String, Document)] {
    [("\(status)", ["description": .text(text)])]
  }

  /// The body of a request.
  static func body(_ content: Document, isRequired: Bool = true) -> Document {
    ["required": .flag(isRequired), "content": content]
  }

  // Schemas.

  static var string: Document { ["type": "string"] }
  static var flag: Document { ["type": "boolean"] }
  static var number: Document { ["type": "number"] }
  static var count: Document { ["type": "integer", "minimum": 0] }
  static var moment: Document { ["type": "string", "format": "date-time"] }
  static var amount: Document { ["type": "number", "minimum": 0] }

  static func list(_ items: Document) -> Document { ["type": "array", "items": items] }

  /// An object that has all of `needed`, may have `optional`, and others only where it is `open`.
  static func object(
    _ needed: KeyValuePairs<String, Document>, optional: KeyValuePairs<String, Document> = [:], open: Bool = false
  ) -> Document {
    let all = Array(needed) + Array(optional)
    var entries: [(String, Document)] = [("type", "object"), ("properties", .object(all.map { ($0.key, $0.value) }))]
    if !needed.isEmpty { entries.append(("required", .list(needed.map { .text($0.key) }))) }
    if !open { entries.append(("additionalProperties", false)) }
    return .object(entries)
  }

  /// Or null.
  static func maybe(_ schema: Document) -> Document { ["anyOf": [schema, ["type": "null"]]] }

  static func about(_ text: String, _ schema: Document) -> Document { schema.with(["description": .text(text)]) }
}
