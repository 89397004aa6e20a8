internal import Base

/// The description of all routes as OpenAPI 3.1 has it, for people and programs.
///
/// Every status that can come back stands there, and the schema of every answer. Parts are in the files beside: routes,
/// failures, and the schemas of the Open Inference Protocol and of Ridley's own routes.
enum Description {
  /// The document as bytes; `version` is the program's.
  static func json(version: String) -> [UInt8] {
    var json = JSONWriter(capacity: 1 << 16)
    document(version).write(to: &json)
    return json.bytes
  }

  private static func document(_ version: String) -> Document {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Ridley", "version": .text(version), "summary": "Trained vision models behind an address.",
        "description": """
        Pictures, clips and tensors in, answers out. The Open Inference Protocol, version 2, with Triton's binary \
        tensors stands under /v2, Ridley's own routes under /v1. Failures are {"error":{…}}, under /v2 {"error":"…"}.
        """,
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "tags": .list(Tag.allCases.map { ["name": .text($0.rawValue)] }),
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "key": [
            "type": "http", "scheme": "bearer",
            "description": "A key of 'ridley key create'. Servers that only their own machine reaches ask for none.",
          ]
        ],
        "headers": [
          "RetryAfter": [
            "description": "Seconds after which it is worth trying again.", "required": true,
            "schema": ["type": "integer", "minimum": 1],
          ]
        ],
        "parameters": parameters,
        "responses": .object(failures),
        "schemas": protocolSchemas.with(ownSchemas),
      ],
    ]
  }

  enum Tag: String, CaseIterable {
    case open = "Open Inference Protocol"
    case models = "Models"
    case server = "Server"
  }

  /// Model, version and alias names.
  static let name = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"

  private static let parameters: Document = [
    "Model": inPath("model", "A model's name.", name),
    "VersionOrAlias": inPath("version", "A version, or an alias such as live.", name),
    "Alias": inPath("alias", "Not a number alone.", "^(?![0-9]+$)[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"),
    "File": inPath("file", "A file's name.", "^[a-z]+\\.(js|css|svg)$"),
    "Draw": [
      "name": "draw", "in": "query", "description": "1 for the picture with what was found drawn in, as JPEG.",
      "schema": ["type": "string", "enum": ["0", "1"]],
    ],
    "HeadCount": [
      "name": "Inference-Header-Content-Length", "in": "header",
      "description": """
      How many bytes at the front of the body are JSON, with binary tensors behind them; 0 for a body that is one \
      tensor alone.
      """,
      "schema": ["type": "integer", "minimum": 0],
    ],
  ]

  private static func inPath(_ name: String, _ text: String, _ pattern: String) -> Document {
    [
      "name": .text(name), "in": "path", "required": true, "description": .text(text),
      "schema": ["type": "string", "pattern": .text(pattern)],
    ]
  }

  // Words that the parts share.

  static func reference(_ kind: String, _ name: String) -> Document { ["$ref": .text("#/components/\(kind)/\(name)")] }
  static func schema(_ name: String) -> Document { reference("schemas", name) }
  static func parameter(_ name: String) -> Document { reference("parameters", name) }
  static func json(_ schema: Document) -> Document { ["application/json": ["schema": schema]] }
  static func bytes(_ type: String) -> Document { ["schema": ["contentMediaType": .text(type)]] }

  static let string: Document = ["type": "string"]
  static let flag: Document = ["type": "boolean"]
  static let number: Document = ["type": "number"]
  static let count: Document = ["type": "integer", "minimum": 0]
  static let amount: Document = ["type": "number", "minimum": 0]

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
