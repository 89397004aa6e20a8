import Base
import Fleet
import JSON

/// What nodes said last, and their logs.
extension FleetPlace {
  private enum ListKey: String, CaseIterable { case nodes }
  private enum NodeKey: String, CaseIterable { case summary }
  private enum LogKey: String, CaseIterable { case asked, text }

  func statuses() throws(Fault) -> [(node: KnownNode, summary: NodeSummary?)] {
    switch self {
    case .here(let book):
      let heard = try book.heard()
      return try book.nodes().map { node in
        let one = heard[node.name.text]
        return (KnownNode(node, seen: one?.seen), one?.summary)
      }
    case .server(let server):
      let fields = try server.document("/v1/fleet/nodes").fields(ListKey.self, others: .ignored)
      var nodes: [(node: KnownNode, summary: NodeSummary?)] = []
      for value in try fields.required(.nodes).elements() {
        let summary = try value.fields(NodeKey.self, others: .ignored)[.summary]
        nodes.append((try KnownNode(value), summary.map(NodeSummary.init(_:))))
      }
      return nodes
    }
  }

  /// The name of the ask.
  func askLog(of name: NodeName, lines: Int) throws(Fault) -> Int {
    switch self {
    case .here(let book): return try book.askLog(of: name, lines: lines).asked
    case .server(let server):
      let body = JSONWriter.object(capacity: 32) { $0.field("lines", lines) }
      let bytes = try server.get("POST", "/v1/fleet/nodes/\(name.text)/logs", json: body)
      let root = try JSONDocument(parsing: bytes.span.bytes, name: "the answer of \(server.host)").root
      return try root.fields(LogKey.self, others: .ignored).required(.asked).integer()
    }
  }

  /// What was asked last, and the answer once it is there.
  func log(of name: NodeName) throws(Fault) -> (asked: Int, text: [String]?)? {
    switch self {
    case .here(let book): return try book.log(of: name).map { ($0.asked, $0.text) }
    case .server(let server):
      let fields = try server.document("/v1/fleet/nodes/\(name.text)/logs").fields(LogKey.self, others: .ignored)
      guard let asked = try fields[.asked]?.integer() else { return nil }
      var text: [String]?
      if let value = fields[.text] {
        var lines: [String] = []
        for line in try value.elements() { lines.append(try line.string()) }
        text = lines
      }
      return (asked, text)
    }
  }
}
