import Base
import Catalog
import Library
import Objects
import Registry

/// Lets go of one version.
struct ModelRemoveCommand: Command {
  let path = ["model", "remove"]
  let summary = "Let go of a version's files, where nothing refers to it; what is said of it stays"
  let positionals = [RegistryWords.model, RegistryWords.version]
  let options = [
    Option.flag("history", "also one to which an alias pointed once"), RegistryWords.reason, RegistryWords.by,
    RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley model remove inspector 2 --reason 'trained on wrong labels'"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.any(arguments.positionals[1], of: arguments.positionals[0])
    let removed = try registry.remove(
      version, by: RegistryWords.who(arguments), reason: arguments["reason"],
      lettingGoOfHistory: arguments.has("history"))
    let freed = try registry.library.collect()?.removedByteCount ?? 0
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line { json in
          removed.write(into: &json)
          json.field("freed", freed)
        }
        : "removed \(removed.model) \(removed.number), \(Units.text(bytes: freed)) are free\n")
    return .success
  }
}

/// Lets go of all versions that nothing needs.
struct ModelCollectCommand: Command {
  let path = ["model", "gc"]
  let summary = "Let go of old versions to which nothing refers: no alias, now or once, no asset, no job"
  let positionals: [Positional] = []
  let options = [
    Option.value("keep", "N", "the newest versions of each model that stay in any case (default 10)"),
    Option.flag("dry-run", "only say which they are"), RegistryWords.by, RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley model gc --keep 5 --dry-run", "ridley model gc --keep 5"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let count = try arguments.integer("keep", in: 0...1_000_000) ?? 10
    let registry = try RegistryWords.registry(arguments)
    let isTrial = arguments.has("dry-run")
    let found = try registry.collect(keeping: count, by: RegistryWords.who(arguments), isTrial: isTrial)
    let freed = isTrial || found.isEmpty ? 0 : try registry.library.collect()?.removedByteCount ?? 0
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in
          json.array("versions") { json in for one in found { json.object(one.version.write) } }
          json.field("removed", !isTrial)
          json.field("freed", freed)
        })
      return .success
    }
    var table = Table([("model", .left), ("version", .right), ("bytes", .right)])
    for one in found { table.add([one.version.model, "\(one.version.number)", Units.text(bytes: one.byteCount)]) }
    let end =
      isTrial
      ? "nothing was removed: leave --dry-run away\n"
      : "\(Units.text(bytes: freed)) are free: what other versions have too stays\n"
    try Terminal.print(table.isEmpty ? "every version is needed, or among the newest \(count)\n" : table.text + end)
    return .success
  }
}
