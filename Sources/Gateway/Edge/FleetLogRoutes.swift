internal import Access
internal import Base
internal import Fleet
internal import JSON
internal import Web

/// Logs of nodes: asked for, answered by the node with what it says next, and read then.
enum FleetLogRoutes: SchemaWords {
  private static let path = "/v1/fleet/nodes/{node}/logs"

  static let group = RouteGroup(
    tag: FleetRoutes.tag,
    routes: [
      Route(
        library: .get, path, FleetRoutes.node, for: .admin,
        Operation(
          "getNodeLog", "The lines of a node's log that were asked for last, once it has answered", ok("NodeLog"),
          failures: [.notFound]), answer: show),
      Route(
        library: .post, path, FleetRoutes.node, for: .admin, body: .small,
        Operation(
          "askNodeLog", "Asks a node for the last lines of its log, which come with what it says next",
          [("202", ["description": "Asked.", "content": json(schema("NodeLog"))])],
          body: body(json(schema("NodeLogRequest"))), failures: [.notFound, .conflict]), answer: ask),
    ], schemas: schemas)

  private enum Key: String, CaseIterable { case lines }

  private static func show(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try FleetRoutes.find(name, call)
    let log = try call.perform { () throws(Fault) in try fleet.book.log(of: node.name) }
    return .json(JSONWriter.object { write(log, of: node, into: &$0) })
  }

  private static func ask(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try FleetRoutes.find(name, call)
    return try call.perform { () throws(Fault) in
      let lines = try call.body.withBytes { (bytes) throws(Fault) in
        try JSONDocument(parsing: bytes, name: "the body").root.fields(Key.self).required(.lines)
          .integer(in: 1...FleetBook.mostLogLines)
      }
      let log = try fleet.book.askLog(of: node.name, lines: lines)
      let json = JSONWriter.object(capacity: 128) { write(log, of: node, into: &$0) }
      return Response(202, headers: [("Content-Type", "application/json")], body: json)
    }
  }

  private static func write(_ log: NodeLog?, of node: FleetNode, into json: inout JSONWriter) {
    json.field("node", node.name.text)
    json.field("asked", ifKnown: log?.asked)
    json.field("lines", ifKnown: log?.lines)
    if let text = log?.text { json.field("text", text) }
  }

  private static let schemas: Document = [
    "NodeLog": object(
      ["node": string],
      optional: [
        "asked": about(
          "The ask's name: its moment in milliseconds since 1970. One with a greater name answers earlier ones too.",
          count), "lines": count,
        "text": about("The lines, the oldest first; not there until the node has answered.", list(string)),
      ]),
    "NodeLogRequest": object([
      "lines": ["type": "integer", "minimum": 1, "maximum": .number(FleetBook.mostLogLines)]
    ]),
  ]
}
