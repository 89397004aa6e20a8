internal import Access
public import Base
public import Fleet
public import JSON
internal import Web

/// What the centre wants of nodes' logs: the lines that somebody asked for.
public struct NodeLogs: CentrePart {
  public let name = "logs"
  private let book: FleetBook

  public init(_ book: FleetBook) { self.book = book }

  public func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]? {
    try book.logWanted(of: node.name).map { ask in
      JSONWriter.object(capacity: 64) { json in
        json.field("asked", ask.asked)
        json.field("lines", ask.lines)
      }
    }
  }
}

/// Where nodes answer.
enum NodeLogRoutes {
  static let routes = [
    EdgeRoute(.post, "/v1/edge/logs", bodyLimit: 3 * FleetBook.logByteCount) { (call, _) throws(Failure) in
      try call.perform { () throws(Fault) in
        let (asked, text) = try call.body.withBytes { (bytes) throws(Fault) in
          let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(Key.self)
          var lines: [String] = []
          for line in try fields.required(.text).elements() { lines.append(try line.string()) }
          return (try fields.required(.asked).integer(), lines)
        }
        try call.fleet.book.answerLog(of: call.node.name, asked: asked, text)
      }
      return .json(JSONWriter.object(capacity: 2) { _ in })
    }
  ]

  private enum Key: String, CaseIterable { case asked, text }
}
