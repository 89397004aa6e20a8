import Base
import Catalog
import Items
import Registry

/// What was published of a model.
struct ModelVersionsCommand: Command {
  let path = ["model", "versions"]
  let summary = "List the versions of a model in the registry, or all models of it"
  let positionals = [Positional(name: "model", help: "its name in the registry", isRequired: false)]
  let options = [RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model versions", "ridley model versions inspector"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    var models = arguments.positionals
    if models.isEmpty { models = try registry.models() }
    var (versions, aliases) = ([RegisteredVersion](), [AliasMove]())
    for model in models {
      versions += try registry.versions(of: model, withRemoved: true)
      aliases += try registry.aliases(of: model)
    }
    if let model = arguments.positionals.first, versions.isEmpty { try registry.known(model) }
    guard !arguments.has("json") else {
      var notes: [ModelNote] = []
      for model in models { notes += ModelRegistry.holding(try registry.notes(of: model, version: nil)) }
      try Terminal.print(
        JSONText.line { [notes] json in
          json.array("versions") { json in for version in versions { json.object(version.write) } }
          json.array("aliases") { json in for move in aliases { json.object(move.write) } }
          json.array("notes") { json in for note in notes { json.object(note.write) } }
        })
      return .success
    }
    var table = Table([
      ("model", .left), ("version", .right), ("aliases", .left), ("task", .left), ("bytes", .right),
      ("published", .left),
      ("by", .left), ("digest", .left),
    ])
    for version in versions {
      let own = aliases.filter { $0.model == version.model && $0.to == version.number }.map(\.alias)
      table.add([
        version.model, "\(version.number)", version.removed == nil ? own.joined(separator: " ") : "removed",
        version.task,
        Units.text(bytes: version.byteCount), UTC.text(version.published / 1000), version.by,
        String(version.digest.prefix(19)),
      ])
    }
    try Terminal.print(table.isEmpty ? "nothing was published yet: 'ridley model publish' does\n" : table.text)
    return .success
  }
}

/// Where aliases pointed, ever.
struct ModelHistoryCommand: Command {
  let path = ["model", "history"]
  let summary = "List where a model's aliases pointed, when, by whom and why"
  let positionals = [RegistryWords.model]
  let options = [Option.value("alias", "NAME", "of this alias alone"), RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model history inspector", "ridley model history inspector --alias live --json"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let model = arguments.positionals[0]
    let moves = try registry.history(of: model, alias: arguments["alias"])
    if moves.isEmpty { try registry.known(model) }
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in json.array("moves") { json in for move in moves { json.object(move.write) } } })
      return .success
    }
    var table = Table([
      ("at", .left), ("alias", .left), ("from", .right), ("to", .right), ("by", .left), ("reason", .left),
    ])
    for move in moves { table.add(RegistryWords.text(move)) }
    try Terminal.print(table.isEmpty ? "no alias was moved yet: 'ridley model alias' does\n" : table.text)
    return .success
  }
}

/// Where an alias pointed at a moment.
struct ModelWhichCommand: Command {
  let path = ["model", "which"]
  let summary = "Say which version an alias points to, or pointed to at a moment"
  let positionals = [RegistryWords.model, Positional(name: "alias", help: "such as live")]
  let options = [
    Option.value("at", "TIME", "at this moment, such as 2026-05-01T12:00, in UTC; a day means its end (default: now)"),
    RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley model which inspector live", "ridley model which inspector live --at 2026-05-01T12:00"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (model, alias) = (arguments.positionals[0], arguments.positionals[1])
    let registry = try RegistryWords.registry(arguments)
    let move =
      if let text = arguments["at"] {
        try registry.alias(alias, of: model, at: try RegistryWords.moment(text, arguments))
      } else { try registry.alias(alias, of: model) }
    guard let move, let number = move.to, let version = try registry.version(number, of: model) else {
      try registry.known(model)
      let then = arguments["at"].map { " at \($0)" } ?? ""
      throw Fault(.notFound, "'\(alias)' of '\(model)' points nowhere\(then): see 'ridley model history \(model)'")
    }
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in
          json.object("version", version.write)
          json.object("move", move.write)
        })
      return .success
    }
    let removed = version.removed.map { ", removed at \(CompositeKey.time(milliseconds: $0.at)) by \($0.by)" } ?? ""
    try Terminal.print(
      "\(model) \(number) (\(version.digest))\(removed)\nsince \(CompositeKey.time(milliseconds: move.at)), by \(move.by)\(move.reason.map { ": \($0)" } ?? "")\n"
    )
    return .success
  }
}

/// A version as a folder.
struct ModelExportCommand: Command {
  let path = ["model", "export"]
  let summary = "Write a version of the registry into a folder, as it was published"
  let positionals = [
    RegistryWords.model, Positional(name: "version", help: "its number, an alias, or its digest's beginning"),
    Positional(name: "folder", help: "a new folder"),
  ]
  let options = [LibraryPlace.option]
  let examples = ["ridley model export inspector live models/inspector"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let folder = LibraryPlace.plain(arguments.positionals[2])
    guard FileSystem.kind(of: folder) == nil else { throw arguments.refusal("\(folder) is there already") }
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    try registry.lay(version, into: folder)
    try Terminal.print("\(folder) has version \(version.number) of \(version.model) (\(version.digest))\n")
    return .success
  }
}
