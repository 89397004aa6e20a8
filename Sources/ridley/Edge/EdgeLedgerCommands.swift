import Base
import Catalog
import Edge
import Fleet
import Items
import JSON
import Library

/// What arrived of what a node forwards.
struct EdgeLedgerCommand: Command {
  let path = ["edge", "ledger"]
  let summary = "Show what of a node's ledger is at the centre, held against what the node has"
  let positionals = [Positional(name: "NODE", help: "the node")]
  let options = RemotePlace.options + [Option.flag("json", "print one JSON object")]
  let examples = ["ridley edge ledger dock --server https://centre:8443"]

  private enum Key: String, CaseIterable { case verdict, lines, seen, skew = "skew_ms", refusal, fetches }
  private enum LineKey: String, CaseIterable { case line, stream, verdict, behind, centre }
  private enum CentreKey: String, CaseIterable { case sequence, gone, missing, unread, hash }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = try FleetPlace.name(arguments.positionals[0], arguments)
    let server = try EdgePlace.server(arguments)
    let path = "/v1/fleet/nodes/\(name.text)/ledger"
    if arguments.has("json") {
      try Terminal.print(String(decoding: try server.get("GET", path), as: UTF8.self) + "\n")
      return .success
    }
    let fields = try server.document(path).fields(Key.self, others: .ignored)
    var table = Table([
      ("line", .left), ("stream", .left), ("verdict", .left), ("here", .right), ("waits", .right), ("gone", .right),
      ("missing", .right), ("unread", .right), ("hash", .left),
    ])
    for value in try fields.required(.lines).elements() { table.add(try Self.row(value)) }
    var text = table.isEmpty ? "nothing came of \(name.text) yet\n" : table.text
    text += "\(name.text): \(try fields.required(.verdict).string())"
    if let seen = fields[.seen] { text += ", last heard at \(try seen.string())" }
    if let skew = try fields[.skew]?.integer(), abs(skew) >= 1000 {
      let seconds = (Double(abs(skew)) / 1000).rounded()
      let long = seconds < 172_800 ? Units.text(seconds: seconds) : "\(Int(seconds / 86_400)) days"
      text += ", its clock is \(long) \(skew > 0 ? "behind" : "ahead")"
    }
    if let refusal = fields[.refusal] { text += "\nnot taken for now: \(try refusal.string())" }
    if let fetches = fields[.fetches] {
      for order in try fetches.elements() { text += "\n" + Self.text(try FetchOrder(order)) }
    }
    try Terminal.print(text + "\n")
    return .success
  }

  private static func text(_ order: FetchOrder) -> String {
    let said =
      switch (order.state, order.count) {
      case (.waiting, _): "the node does not know of it yet"
      case (.taken, 0): "the node has no recording of that"
      case (.taken, let count):
        "\(count.map { "\($0) recording\($0 == 1 ? "" : "s")" } ?? "what there is") among what the node forwards"
      }
    let (from, to) = (CompositeKey.time(milliseconds: order.from), CompositeKey.time(milliseconds: order.to))
    return "asked for \(order.stream) from \(from) to \(to): \(said)"
  }

  private static func row(_ value: JSONValue) throws(Fault) -> [String] {
    let fields = try value.fields(LineKey.self, others: .ignored)
    let here = try fields[.centre].map { (value) throws(Fault) in try value.fields(CentreKey.self, others: .ignored) }
    func number(_ key: CentreKey) throws(Fault) -> String {
      guard let here else { return "0" }
      return "\(try here.required(key).integer())"
    }
    return [
      try fields.required(.line).string(), try fields.required(.stream).string(),
      try fields.required(.verdict).string(), try number(.sequence), "\(try fields.required(.behind).integer())",
      try number(.gone), try number(.missing), try number(.unread),
      try here.map { (here) throws(Fault) in String(try here.required(.hash).string().prefix(12)) } ?? "-",
    ]
  }
}

/// Asks a node for a range of its past.
struct EdgeFetchCommand: Command {
  let path = ["edge", "fetch"]
  let summary = "Have a node send what it recorded of a stream in a range of time"
  let positionals = [Positional(name: "NODE", help: "the node")]
  let options =
    [
      Option.value("stream", "NAME", "the stream, as the node calls it"),
      .value("from", "MOMENT", "from then on, such as 2026-11-27T12:00:00Z"),
      .value("to", "MOMENT", "until then, six hours later at most (default now)"),
    ] + RemotePlace.options + [Option.flag("json", "print one JSON object")]
  let examples = [
    "ridley edge fetch dock --stream gate --from 2026-11-27T12:00:00Z --server https://centre"
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = try FleetPlace.name(arguments.positionals[0], arguments)
    guard let stream = arguments["stream"], let from = try GroupOptions.moment(arguments, "from") else {
      throw arguments.refusal("say of which stream, and from when on: --stream NAME --from MOMENT")
    }
    let to = try GroupOptions.moment(arguments, "to") ?? Int(Clock.seconds * 1000)
    let body = JSONWriter.object { json in
      json.field("stream", stream)
      json.field("from", CompositeKey.time(milliseconds: from))
      json.field("to", CompositeKey.time(milliseconds: to))
    }
    let server = try EdgePlace.server(arguments)
    let answer = try server.get("POST", "/v1/fleet/nodes/\(name.text)/fetches", json: body)
    let order = try FetchOrder(JSONDocument(parsing: answer.span.bytes, name: "the answer of \(server.host)").root)
    if arguments.has("json") {
      try Terminal.print(JSONText.line(order.write))
    } else {
      try Terminal.print(
        "\(name.text) is asked for \(stream): what it has comes as recordings of \(name.text)/\(stream), and 'ridley edge ledger \(name.text)' tells how far that is\n"
      )
    }
    return .success
  }
}

/// The running centre that a command asks.
enum EdgePlace {
  static func server(_ arguments: Arguments) throws(Fault) -> RemoteServer {
    guard let server = try RemotePlace.server(arguments) else {
      throw arguments.refusal("a running centre is asked for that: --server URL")
    }
    return server
  }
}
