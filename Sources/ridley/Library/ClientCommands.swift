import Base
import Bus
import Catalog
import Gateway
import Glibc
import Items
import Library

/// Which clients the library has.
struct ClientListCommand: Command {
  let path = ["client", "list"]
  let summary = "List the library's clients"
  let positionals: [Positional] = []
  let options = LibraryPlace.options + [Option.flag("json", "print one JSON object")]
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    let clients = try library.clients()
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("clients") { json in for client in clients { json.object { client.write(into: &$0) } } }
        })
      return .success
    }
    var table = Table([("client", .left), ("state", .left), ("stored", .right), ("limit", .right), ("since", .left)])
    for client in clients {
      table.add([
        client.name, client.state.rawValue, Units.text(bytes: try library.storedByteCount(of: client.name)),
        client.byteLimit.map(Units.text(bytes:)) ?? "-", UTC.text(client.created / 1000),
      ])
    }
    try Terminal.print(table.isEmpty ? "no clients yet\n" : table.text)
    return .success
  }
}

/// How much a client may store.
struct ClientLimitCommand: Command {
  let path = ["client", "limit"]
  let summary = "Set how many bytes a client may store"
  let positionals = [
    Positional(name: "client", help: "its name"),
    Positional(name: "size", help: "such as 500GB, or none for as much as the disk has"),
  ]
  let options = [LibraryPlace.option]
  let examples = ["ridley client limit acme 500GB"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let text = arguments.positionals[1]
    let bytes = text == "none" ? nil : Units.bytes(text)
    guard text == "none" || bytes != nil else {
      throw arguments.refusal("'\(text)' is no size: say such as 500GB, or none")
    }
    let library = try LibraryPlace.open(arguments)
    try library.limit(arguments.positionals[0], to: bytes)
    return .success
  }
}

/// Removes a client with all that it has.
struct ClientPurgeCommand: Command {
  let path = ["client", "purge"]
  let summary = "Remove everything of a client, derived data too, and prove that it is gone"
  let positionals = [Positional(name: "client", help: "its name")]
  let options = [
    LibraryPlace.option, .flag("yes", "do not ask"), .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley client purge acme"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let client = arguments.positionals[0]
    let library = try LibraryPlace.open(arguments)
    if !arguments.has("yes") { try confirm(client, arguments) }
    let bar = ProgressBar(client, isQuiet: arguments.has("json"))
    // They first: what happens in them is an event of the client.
    try library.close(client)
    let book = StreamBook(in: library.path)
    let streams = try book.forget(client)
    // By then every server that runs has seen it, and ends them.
    if streams > 0 { usleep(UInt32(3 * ServeCommand.purgeInterval) * 1000) }
    // Tasks name the client too; a worker that is at one of them may bring it to its end, but not into the library.
    let bus = try JobPlace.bus(of: library)
    try bus.remove(queue: client)
    var report = try library.purge(client) { bar.show(share: nil, detail: "\($0) assets removed") }
    if try bus.knows(queue: client) { report.left.append("tasks") }
    report.streams = streams
    if try book.forget(client) > 0 { report.left.append("streams") }
    bar.clear()
    try Terminal.print(arguments.has("json") ? json(report) : text(report))
    return report.left.isEmpty ? .success : ExitCode(.unavailable)
  }

  /// Asks at a terminal; elsewhere the option must say it.
  private func confirm(_ client: String, _ arguments: Arguments) throws(Fault) {
    guard Terminal.isWatched else { throw arguments.refusal("say --yes to remove everything of '\(client)'") }
    Terminal.complain("everything of '\(client)' will be removed for good; type its name to go on: ")
    guard readLine() == client else { throw Fault(.closed, "nothing was removed") }
  }

  private func text(_ report: PurgeReport) -> String {
    let proof =
      report.left.isEmpty
      ? "a look through keys, items, indexes, jobs, targets, streams, events, words, alerts, links, totals, changes and uploads finds nothing of it\n"
      : "STILL FOUND: \(report.left.joined(separator: ", ")): run it once more\n"
    return """
      \(report.client): \(report.keys) keys, \(report.assets) assets, \(report.jobs) jobs, \(report.triggers) triggers, \(report.targets) targets, \(report.streams) streams, \(report.events) events and zones, \(report.moments) moments, \(report.searches) alerts and links, \(report.totals) totals, \(report.uploads) uploads, \(report.changes) changes removed
      \(report.objects) objects of \(Units.text(bytes: report.objectBytes)) that no other client has removed
      \(proof)backups and copies outside of the library are not touched

      """
  }

  private func json(_ report: PurgeReport) -> String {
    JSONText.line { json in
      json.field("client", report.client)
      json.field("keys", report.keys)
      json.field("assets", report.assets)
      json.field("totals", report.totals)
      json.field("jobs", report.jobs)
      json.field("triggers", report.triggers)
      json.field("streams", report.streams)
      json.field("targets", report.targets)
      json.field("events", report.events)
      json.field("moments", report.moments)
      json.field("searches", report.searches)
      json.field("uploads", report.uploads)
      json.field("changes", report.changes)
      json.field("objects", report.objects)
      json.field("bytes", report.objectBytes)
      json.field("left", report.left)
    }
  }
}
