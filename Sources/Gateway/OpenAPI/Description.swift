internal import Base
internal import Predictions

/// The description of all routes as OpenAPI 3.1 has it, for people and programs: written from the route table.
///
/// Every status that can come back stands there, and the schema of every answer. Words and schemas that several resources
/// share are here; what is a resource's own stands beside its routes.
struct Description: SchemaWords {
  let table: RouteTable

  /// The document as bytes; `version` is the program's.
  func json(version: String) -> [UInt8] {
    var json = JSONWriter(capacity: 1 << 16)
    document(version).write(to: &json)
    return json.bytes
  }

  private func document(_ version: String) -> Document {
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
      "tags": .list(unique(groups.map(\.tag)).map { ["name": .text($0)] }),
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "key": [
            "type": "http", "scheme": "bearer",
            "description": "A key of 'ridley key create'. Servers that only their own machine reaches ask for none.",
          ],
          "session": [
            "type": "apiKey", "in": "cookie", "name": .text(SessionCookie.name),
            "description": .text(
              "What POST /v1/session gives for a key. Whatever is not GET or HEAD needs the session's csrf in \(SessionCookie.tokenHeader), too."
            ),
          ],
        ],
        "headers": [
          "RetryAfter": [
            "description": "Seconds after which it is worth trying again.", "required": true,
            "schema": ["type": "integer", "minimum": 1],
          ]
        ],
        "parameters": .object(parameters),
        "responses": .object(FailureResponses.components),
        "schemas": groups.reduce(Self.sharedSchemas) { $0.with($1.schemas) },
      ],
    ]
  }

  private var groups: [RouteGroup] { table.groups.filter(\.isDescribed) }

  private var paths: [(String, Document)] {
    let all = groups.flatMap { group in group.routes.map { ($0, group.tag) } }
    return unique(all.map(\.0.pattern.text)).map { pattern in
      let methods = all.filter { $0.0.pattern.text == pattern }
      return (pattern, .object(methods.map { ($0.0.method.rawValue.lowercased(), $0.0.document(tag: $0.1)) }))
    }
  }

  /// Each once: those of one name are the same.
  private var parameters: [(String, Document)] {
    let all = groups.flatMap(\.routes).flatMap(\.parameters)
    return unique(all.map(\.component)).map { name in (name, all.first { $0.component == name }!.document) }
  }

  /// In the order of their first time.
  private func unique(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
  }

  private static let sharedSchemas: Document = [
    "Name": about(
      "Letters, digits, '-', '_' and '.', which does not stand in front.",
      ["type": "string", "pattern": .text(NamePattern.any)]),
    "Error": object([
      "error": object(
        [
          "code": ["type": "string", "enum": .list(Fault.Kind.allCases.map { .text($0.rawValue) })],
          "message": about("One sentence: what was wrong, where, and what to do.", string),
        ],
        optional: [
          "detail": about("What a program may want to know beside the sentence.", ["type": "object"]),
          "request": about("By which the request is found in the server's log.", string),
        ])
    ]),
    "OpenError": object(["error": about("One sentence: what was wrong, where, and what to do.", string)]),
    "Live": object(["live": ["const": true]]),
    "Ready": object(["ready": flag]),
    "Task": ["type": "string", "enum": .list(ModelTask.allCases.map { .text($0.rawValue) })],
    "State": ["type": "string", "enum": ["loading", "ready", "unavailable"]],
    "Digest": ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"],
    "ElementType": [
      "type": "string",
      "enum": [
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32",
        "FP64", "BYTES",
      ],
    ],
    "TensorSpec": object([
      "name": string, "datatype": schema("ElementType"),
      "shape": about("-1 for a side that may be anything.", list(["type": "integer", "minimum": -1])),
    ]),
  ]
}
