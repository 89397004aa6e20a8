import Base
import Fleet
import Items
import Library
import Rollouts
import Updates

/// Undoes an update.
struct FleetRollbackCommand: Command {
  let path = ["fleet", "rollback"]
  let summary = "Have nodes go back to what an older update gave them; refused where its bytes are gone"
  let positionals = [
    Positional(
      name: "update", help: "the number of the update to undo (default: the newest that is done)", isRequired: false)
  ]
  let options: [Option] = [
    .value("to", "NUMBER", "the older update (default: the newest before it that says all that it changed)"),
    FleetWords.canary, FleetWords.every, FleetWords.rule, FleetWords.patience, FleetSigner.sign,
    FleetSigner.unsigned, RegistryWords.by, RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley fleet rollback 7 --sign key.pem"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (signer, plan) = (try FleetSigner(arguments), try FleetWords.plan(arguments))
    let book = UpdateBook(try LibraryPlace.open(arguments))
    let version: Int
    if let word = arguments.positionals.first {
      version = try FleetUpdatesCommand.number(word, arguments)
    } else {
      guard let newest = try book.updates().last(where: { $0.state == .done }) else {
        throw Fault(.notFound, "no update is done, so there is none to undo: see 'ridley fleet updates'")
      }
      version = newest.version
    }
    let older = try arguments["to"].map { (word) throws(Fault) in try FleetUpdatesCommand.number(word, arguments) }
    let (bundle, target, back) = try book.undoing(version, to: older)
    return try signer.begin(bundle, for: target, plan, what: ["back to \(back)"], in: book, arguments)
  }
}

/// Stops an update.
struct FleetStopCommand: Command {
  let path = ["fleet", "stop"]
  let summary = "Stop an update that is running: the nodes that have it go back"
  let positionals = [Positional(name: "update", help: "its number")]
  let options = [RegistryWords.by, RegistryWords.reason, RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley fleet stop 7 --reason 'misses scratches'"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let book = UpdateBook(try LibraryPlace.open(arguments))
    let version = try FleetUpdatesCommand.number(arguments.positionals[0], arguments)
    return try FleetWords.tell(
      try book.stop(version, by: RegistryWords.who(arguments), reason: arguments["reason"]), arguments)
  }
}

/// How updates go.
struct FleetUpdatesCommand: Command {
  let path = ["fleet", "updates"]
  let summary = "Say how updates go, or how each node is with one of them"
  let positionals = [Positional(name: "update", help: "the number of an update", isRequired: false)]
  let options = [RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley fleet updates", "ridley fleet updates 7"]

  static func number(_ word: String, _ arguments: Arguments) throws(Fault) -> Int {
    guard let number = Int(word), number > 0 else {
      throw arguments.refusal("'\(word)' is no number of an update: see 'ridley fleet updates'")
    }
    return number
  }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let book = UpdateBook(try LibraryPlace.open(arguments))
    if let word = arguments.positionals.first {
      try show(try book.update(try Self.number(word, arguments)), book, arguments)
    } else {
      try list(try book.updates(), arguments)
    }
    return .success
  }

  private func list(_ updates: [FleetUpdate], _ arguments: Arguments) throws(Fault) {
    if arguments.has("json") {
      return try Terminal.print(
        JSONText.line { json in
          json.array("updates") { json in for update in updates { json.object(update.write) } }
        })
    }
    guard !updates.isEmpty else { return try Terminal.print("no updates: 'ridley fleet update' begins one\n") }
    var table = Table([
      ("update", .right), ("state", .left), ("share", .right), ("for", .left), ("what", .left), ("began", .left),
      ("by", .left), ("reason", .left),
    ])
    for update in updates {
      table.add([
        "\(update.version)", update.state.rawValue, Rollout.percent(update.share), update.target.text,
        update.what.joined(separator: ", "), CompositeKey.time(milliseconds: update.began), update.by,
        update.reason ?? "",
      ])
    }
    try Terminal.print(table.text)
  }

  private func show(_ update: FleetUpdate, _ book: UpdateBook, _ arguments: Arguments) throws(Fault) {
    let nodes = try book.nodes().filter { update.target.has(node: $0.node.name.text, groups: $0.node.groups) }
      .map {
        (
          name: $0.known.name, standing: update.standing(of: $0.known),
          reason: $0.known.report?.reason(of: update.version)
        )
      }
    if arguments.has("json") {
      return try Terminal.print(
        JSONText.line { json in
          json.object("update", update.write)
          json.array("nodes") { json in
            for node in nodes {
              json.object { json in
                json.field("node", node.name)
                json.field("standing", node.standing.rawValue)
                json.field("reason", ifKnown: node.reason)
              }
            }
          }
        })
    }
    try list([update], arguments)
    var table = Table([("node", .left), ("standing", .left), ("reason", .left)])
    for node in nodes { table.add([node.name, node.standing.rawValue, node.reason ?? ""]) }
    try Terminal.print("\n" + table.text)
  }
}
