import Base
import Catalog
import Registry

/// Points an alias of the registry somewhere.
struct ModelAliasCommand: Command {
  let path = ["model", "alias"]
  let summary = "Point an alias to a version, once that was loaded and answered its recorded inputs"
  let positionals = [
    RegistryWords.model, Positional(name: "alias", help: "such as live"),
    Positional(
      name: "version", help: "its number, another alias, or its digest's beginning; none to take the alias away"),
  ]
  let options = AliasTrial.options
  let examples = [
    "ridley model alias inspector live 3 --reason 'finds chips'", "ridley model alias inspector canary none",
  ]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (model, alias) = (arguments.positionals[0], arguments.positionals[1])
    let registry = try RegistryWords.registry(arguments)
    guard arguments.positionals[2] != "none" else {
      let move = try registry.move(
        alias, of: model, to: nil, by: RegistryWords.who(arguments), reason: arguments["reason"])
      // Whoever names no version is answered all the same.
      let others = try registry.aliases(of: model).compactMap(\.to)
      if alias == "live", let newest = others.max() {
        Terminal.complain(
          "ridley: who names no version of '\(model)' gets version \(newest) now, the newest of its other aliases\n")
      }
      return try AliasTrial.tell(move, arguments)
    }
    let version = try registry.find(arguments.positionals[2], of: model)
    return try AliasTrial.move(alias, to: version, expecting: nil, registry, arguments)
  }
}

/// Points an alias to where it pointed before.
struct ModelRollbackCommand: Command {
  let path = ["model", "rollback"]
  let summary = "Point an alias to the version before, once that was loaded and answered its recorded inputs"
  let positionals = [RegistryWords.model]
  let options = [Option.value("alias", "NAME", "which alias (default live)")] + AliasTrial.options
  let examples = ["ridley model rollback inspector --reason 'misses scratches'"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (model, alias) = (arguments.positionals[0], arguments["alias"] ?? "live")
    let registry = try RegistryWords.registry(arguments)
    guard let last = try registry.alias(alias, of: model), let now = last.to else {
      throw Fault(.notFound, "'\(alias)' of '\(model)' points nowhere: see 'ridley model history \(model)'")
    }
    guard let before = last.from else {
      throw Fault(
        .notFound,
        "'\(alias)' of '\(model)' pointed nowhere before version \(now): name the version with 'ridley model alias'")
    }
    return try AliasTrial.move(
      alias, to: try registry.find("\(before)", of: model), expecting: .some(now), registry, arguments)
  }
}

/// A version is tried before an alias points to it.
enum AliasTrial {
  static let options = [
    RegistryWords.reason, RegistryWords.by, untried, RegistryWords.json, LibraryPlace.option,
  ]
  static let untried = Option.flag("untried", "neither load it first nor show it its recorded inputs")

  static func move(
    _ alias: String, to version: RegisteredVersion, expecting: Int??, _ registry: ModelRegistry, _ arguments: Arguments
  ) throws(Fault) -> ExitCode {
    if !arguments.has("untried") { try VersionTrial.attempt(version, of: registry) }
    return try tell(
      try registry.move(
        alias, of: version.model, to: version.number, by: RegistryWords.who(arguments), reason: arguments["reason"],
        expecting: expecting), arguments)
  }

  static func tell(_ move: AliasMove, _ arguments: Arguments) throws(Fault) -> ExitCode {
    guard !arguments.has("json") else {
      try Terminal.print(JSONText.line(move.write))
      return .success
    }
    let place = move.to.map { "version \($0)" } ?? "nothing"
    try Terminal.print(
      "\(move.alias) of \(move.model) points to \(place)\(move.from.map { ", before to version \($0)" } ?? "")\n")
    return .success
  }
}
