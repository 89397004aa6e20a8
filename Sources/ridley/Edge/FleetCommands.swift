import Base
import Fleet
import Glibc

/// How the nodes are.
struct FleetStatusCommand: Command {
  let path = ["fleet", "status"]
  let summary = "Show how the nodes are: version, answers, ledger, temperature, disk, and when each was heard last"
  let positionals: [Positional] = []
  let options =
    [Option.value("group", "NAME", "those of one group alone")] + LibraryPlace.options
    + [Option.flag("json", "print one JSON object")]
  let examples = ["ridley fleet status --library lib", "ridley fleet status --group west --server https://centre:8443"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let nodes = try FleetPlace(arguments).statuses().filter { node in
      arguments["group"].map(node.node.groups.contains) ?? true
    }
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("nodes") { json in
            for one in nodes {
              json.object { json in
                one.node.write(into: &json)
                guard let summary = one.summary else { return }
                json.field("quiet", ifKnown: one.quiet, digits: 1)
                json.field("silent", one.isSilent)
                json.object("summary", summary.write)
              }
            }
          }
        })
    } else if nodes.isEmpty {
      try Terminal.print("no nodes\(arguments["group"].map { " in the group \($0)" } ?? "")\n")
    } else {
      let now = Int(Clock.seconds * 1000)
      let shown = nodes.filter { !$0.node.isGone(at: now) }
      let gone = nodes.count - shown.count
      let rest = "\(gone) node\(gone == 1 ? "" : "s") revoked more than a day ago: 'ridley edge list' shows them\n"
      try Terminal.print((shown.isEmpty ? "" : table(shown)) + (gone > 0 ? rest : ""))
    }
    return .success
  }

  private func table(_ nodes: [FleetPlace.Line]) -> String {
    var table = Table([
      ("node", .left), ("state", .left), ("version", .left), ("answers/s", .right), ("ledger", .left),
      ("temperature", .right), ("disk free", .right), ("trouble", .left), ("seen", .left),
    ])
    var below = ""
    for one in nodes {
      let (node, summary) = (one.node, one.summary)
      var trouble = one.isSilent ? "silent" : summary?.troubles.joined(separator: ", ") ?? ""
      if trouble.count > Self.widest {
        below += "\(node.name): \(trouble)\n"
        trouble = "\(trouble.prefix(Self.widest - 1))…"
      }
      let ago = one.isPast ? one.quiet.map { " \(Units.text(seconds: $0)) ago" } ?? "" : ""
      table.add([
        node.name, node.state, summary?.version ?? "",
        summary?.rate.map { one.isPast ? "?" : NumberFormat.measure($0) } ?? "",
        summary?.ledger.map { ($0.behind > 0 ? "\($0.behind) behind" : "up to date") + ago } ?? "",
        summary?.temperature.map { one.isPast ? "?" : "\(NumberFormat.measure($0)) °C" } ?? "",
        summary?.freeBytes.map { Units.text(bytes: $0) } ?? "",
        trouble, node.seen ?? "never",
      ])
    }
    return table.text + below
  }

  /// Letters of what is not well that stand in the table; longer words stand below it.
  private static let widest = 40
}

/// What a node's log says.
struct FleetLogsCommand: Command {
  let path = ["fleet", "logs"]
  let summary = "Show the last lines of a node's log, asked of it now"
  let positionals = [Positional(name: "node", help: "the node")]
  let options =
    [
      Option.value("lines", "N", "so many of the last lines (default 100, at most \(FleetBook.mostLogLines))"),
      Option.value("for", "TIME", "how long to wait for it, which says something every ten seconds (default 45s)"),
    ] + LibraryPlace.options + [Option.flag("json", "print one JSON object")]
  let examples = ["ridley fleet logs dock --lines 50 --library lib"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = try FleetPlace.name(arguments.positionals[0], arguments)
    let lines = try arguments.integer("lines", in: 1...FleetBook.mostLogLines) ?? 100
    let patience = min(try arguments.seconds("for") ?? 45, 86_400)
    let place = try FleetPlace(arguments)
    let asked = try place.askLog(of: name, lines: lines)
    let end = Clock.now + UInt64(patience * 1e9)
    while true {
      if let found = try place.log(of: name), found.asked >= asked, let text = found.text {
        try tell(name, text.suffix(lines), isJSON: arguments.has("json"))
        return .success
      }
      guard Clock.now < end else {
        throw Fault(
          .unavailable,
          "the node '\(name.text)' did not answer within \(Units.text(seconds: patience)): 'ridley fleet status' says when it was heard last"
        )
      }
      usleep(500_000)
    }
  }

  private func tell(_ name: NodeName, _ lines: ArraySlice<String>, isJSON: Bool) throws(Fault) {
    guard isJSON else {
      for line in lines { try Terminal.print(line + "\n") }
      return
    }
    try Terminal.print(
      JSONText.line { json in
        json.field("node", name.text)
        json.field("text", Array(lines))
      })
  }
}
