public import Base
public import Edge
public import Fleet
public import JSON
internal import Web

/// What nodes forward, at the door for nodes: entries of their ledgers, and the bytes of objects that these are about.
enum LedgerRoutes {
  static let routes = [
    EdgeRoute(.post, "/v1/edge/ledger", bodyLimit: 4 << 20) { (call, _) throws(Failure) in
      try call.perform { () throws(Fault) in
        let desk = try desk(call)
        let answer = try desk.take(bytes(call), from: sender(call))
        return .json(answer.json)
      }
    },
    EdgeRoute(.post, "/v1/edge/blobs", bodyLimit: 1 << 20) { (call, _) throws(Failure) in
      try call.perform { () throws(Fault) in
        let states = try desk(call).blobs.take(BlobPack(bytes(call)), from: sender(call))
        return .json(BlobPackAnswer(states).json)
      }
    },
    EdgeRoute(.put, "/v1/edge/blobs/{digest}", bodyLimit: 1 << 20) { (call, values) throws(Failure) in
      let (state, total) = try call.perform { () throws(Fault) -> (BlobInbox.State, Int) in
        let (offset, total) = (try number(call, "Ridley-Offset"), try number(call, "Ridley-Total"))
        let piece = bytes(call)
        let state = try desk(call).blobs.take(piece, of: values[0], at: offset, total: total, from: sender(call))
        return (state, total)
      }
      switch state {
      case .whole: return progress(total, isWhole: true)
      case .part(let count): return progress(count, isWhole: false)
      // Of this object alone, where 429 is about all that the node asks.
      case .refused(let reason): throw Failure(507, Fault(.exhausted, reason))
      }
    },
  ]

  private static func progress(_ offset: Int, isWhole: Bool) -> Response {
    .json(
      JSONWriter.object(capacity: 64) { json in
        json.field("offset", offset)
        json.field("whole", isWhole)
      })
  }

  private static func bytes(_ call: EdgeCall) -> [UInt8] {
    call.body.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
  }

  private static func sender(_ call: EdgeCall) -> LedgerDesk.Sender {
    LedgerDesk.Sender(node: call.node.name.text, client: call.node.client)
  }

  private static func desk(_ call: EdgeCall) throws(Fault) -> LedgerDesk {
    guard let ledger = call.fleet.ledger else { throw Fault(.unsupported, "this centre keeps no ledgers") }
    return ledger
  }

  private static func number(_ call: EdgeCall, _ name: String) throws(Fault) -> Int {
    guard let text = call.request.header(name.lowercased()), let number = Int(text), number >= 0 else {
      throw Fault(.badInput, "the header \(name) says a number of bytes")
    }
    return number
  }
}

/// What the centre wants of nodes' ledgers: ranges of the past that somebody asked for.
public struct LedgerOrders: CentrePart {
  public let name = "ledger"
  private let desk: LedgerDesk

  public init(_ desk: LedgerDesk) { self.desk = desk }

  public func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]? {
    let word = try report.map { (value) throws(Fault) in try LedgerWord(value) }
    if let word, let ends = word.ends { try desk.heard(ends.life, of: node, open: word.open) }
    return try desk.orders(for: node, known: word?.fetches ?? [], ends: word?.ends).json
  }
}
