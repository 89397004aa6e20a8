internal import Access
internal import Base
internal import Catalog
internal import Edge
internal import Fleet
internal import Items
internal import JSON
internal import Library
internal import Web

/// What arrived of what nodes forward, and ranges of their past that somebody wants.
enum FleetLedgerRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Fleet",
    routes: [
      Route(
        library: .get, "/v1/fleet/nodes/{node}/ledger", FleetRoutes.node, for: .read,
        Operation(
          "getLedger", "What of a node's ledger is here, held against what the node said of it last",
          answer(json(schema("Ledger"))), failures: [.notFound]), answer: show),
      Route(
        library: .post, "/v1/fleet/nodes/{node}/fetches", FleetRoutes.node, for: .write, body: .small,
        Operation(
          "fetchRecordings",
          "Asks a node for what it recorded of a stream in a range of time, six hours at most: it comes as recordings of the stream NODE/STREAM",
          [("202", ["description": "Asked.", "content": json(schema("Fetch"))])],
          body: body(json(schema("FetchRequest"))), failures: [.notFound, .conflict]), answer: fetch),
    ], schemas: schemas)

  private enum ReportKey: String, CaseIterable { case ledger }

  private static func ledger(_ fleet: FleetDesk) throws(Failure) -> LedgerDesk {
    guard let ledger = fleet.ledger else { throw .notFound("this centre keeps no ledgers") }
    return ledger
  }

  private static func show(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try FleetRoutes.find(name, call)
    let ledger = try ledger(fleet)
    return try call.perform { () throws(Fault) in
      let status = try fleet.book.status(of: node.name)
      let word = try status.flatMap { (status) throws(Fault) in try Self.word(status) }
      let here = try (word?.ends).flatMap { (ends) throws(Fault) in
        try ledger.lines(of: node.name.text, life: ends.life)
      }
      let isCopied = try fleet.book.isCopied(node.name)
      let comparison = LedgerComparison(word?.ends, seen: status?.seen ?? 0, here, isCopied: isCopied)
      let fetches = try ledger.fetches(of: node)
      return .json(
        JSONWriter.object { json in
          json.field("node", node.name.text)
          json.field("seen", ifKnown: status.map { CompositeKey.time(milliseconds: $0.seen) })
          json.field("skew_ms", ifKnown: word?.skew)
          comparison.write(into: &json)
          json.field("refusal", ifKnown: word?.refusal)
          if isCopied { json.field("copied", true) }
          json.array("fetches") { json in for order in fetches { json.object(order.write) } }
        })
    }
  }

  private static func word(_ status: NodeStatus) throws(Fault) -> LedgerWord? {
    let document = try JSONDocument(parsing: status.report.span.bytes, name: "what the node said last")
    return try document.root.fields(ReportKey.self, others: .ignored)[.ledger].map { (value) throws(Fault) in
      try LedgerWord(value)
    }
  }

  private enum FetchKey: String, CaseIterable { case stream, from, to }

  private static func fetch(_ call: LibraryCall, _ name: String) throws(Failure) -> Response {
    let (fleet, node) = try FleetRoutes.find(name, call)
    let ledger = try ledger(fleet)
    let order = try call.perform { () throws(Fault) -> FetchOrder in
      let (stream, from, to) = try call.body.withBytes { (bytes) throws(Fault) in
        let fields = try JSONDocument(parsing: bytes, name: "the body").root.fields(FetchKey.self)
        return (
          try fields.required(.stream).string(), try fields.required(.from).moment(), try fields.required(.to).moment()
        )
      }
      return try ledger.fetch(stream, of: node, from: from, to: to)
    }
    return .json(JSONWriter.object(order.write), status: 202)
  }

  private static let count: Document = ["type": "integer", "minimum": 0]
  private static let verdict: Document = [
    "type": "string", "enum": .list(LedgerComparison.Verdict.allCases.map { .text($0.rawValue) }),
  ]
  private static let digest: Document = ["type": "string", "pattern": "^[0-9a-f]{64}$"]

  private static let schemas: Document = [
    "Ledger": object(
      ["node": string, "verdict": verdict, "lines": list(schema("LedgerLine")), "fetches": list(schema("Fetch"))],
      optional: [
        "seen": about("When the node last said something.", moment),
        "skew_ms": about("How far the node's clock is behind this one.", ["type": "integer"]),
        "refusal": about(
          "Why the centre does not take what the node has next of some line: whose room is full, and what to do.",
          string),
        "copied": about("Within the last ten minutes another spoke with the node's key.", ["type": "boolean"]),
      ]),
    "LedgerLine": object(
      [
        "line": about("What it has: events, pictures, analyses, recordings that were asked for, clips.", string),
        "stream": about("That it is of; of analyses, all of which stand in one line, `jobs`.", string),
        "verdict": verdict, "behind": about("Entries that wait at the node.", count),
      ],
      optional: [
        "centre": object([
          "sequence": count, "hash": digest,
          "gone": about("Entries whose contents the node had removed before they were forwarded.", count),
          "missing": about("Events that the node had no room for.", count),
          "unread": about("Entries that could not be read here.", count),
          "forks": about("How often another entry came in the place of one that is here.", count),
          "at": about("When something came last, in milliseconds since 1970.", count),
        ]),
        "node": object([
          "sequence": count, "taken": about("The last that the node knows to be here.", count),
          "hash": about("Of that one.", digest),
          "waiting_bytes": count, "left_out": about("Events that were left out since its last entry.", count),
        ]),
      ]),
    "Fetch": object(
      [
        "fetch": string, "stream": string, "begins": moment, "ends": moment,
        "state": about(
          "Whether the node has put what it has of it into what it forwards.",
          ["type": "string", "enum": .list(FetchOrder.State.allCases.map { .text($0.rawValue) })]),
      ], optional: ["count": about("Recordings that the node has of it.", count)]),
    "FetchRequest": object(["stream": about("As the node calls it.", string), "from": moment, "to": moment]),
  ]
}
