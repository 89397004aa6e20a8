import Base
import Fleet
import JSON
import Library

/// What nodes said last, and their logs.
extension FleetPlace {
  private enum ListKey: String, CaseIterable { case nodes }
  private enum NodeKey: String, CaseIterable { case summary, silent, quiet }
  private enum LogKey: String, CaseIterable { case asked, text }

  /// A node, and what it said last.
  struct Line {
    let node: KnownNode
    var summary: NodeSummary?
    /// Several of its beats did not come.
    var isSilent = false
    /// Seconds since it said that, by the centre's clock.
    var quiet: Double?

    /// What it said is how it was then, and not how it is now.
    var isPast: Bool { isSilent || node.state != FleetNode.State.enrolled.rawValue }
  }

  func statuses() throws(Fault) -> [Line] {
    switch self {
    case .here(let book):
      let (nodes, heard) = (try book.nodes(), try book.heard())
      let patience = FleetBook.patience(ofNodes: nodes.count { $0.state == .enrolled })
      return nodes.map { node in
        guard let one = heard[node.name.text] else { return Line(node: KnownNode(node, seen: nil)) }
        let quiet = max(0, book.library.now - one.seen)
        return Line(
          node: KnownNode(node, seen: one.seen), summary: one.summary,
          isSilent: node.state == .enrolled && quiet > patience, quiet: Double(quiet) / 1000)
      }
    case .server(let server):
      let fields = try server.document("/v1/fleet/nodes").fields(ListKey.self, others: .ignored)
      var lines: [Line] = []
      for value in try fields.required(.nodes).elements() {
        let said = try value.fields(NodeKey.self, others: .ignored)
        lines.append(
          Line(
            node: try KnownNode(value), summary: said[.summary].map(NodeSummary.init(_:)),
            isSilent: try said[.silent]?.bool() ?? false, quiet: try said[.quiet]?.number()))
      }
      return lines
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
