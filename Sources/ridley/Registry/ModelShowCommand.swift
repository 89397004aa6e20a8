import Base
import Catalog
import Items
import Registry

/// Everything that is known of one version.
struct ModelShowCommand: Command {
  let path = ["model", "show"]
  let summary = "Show all that the registry knows of a version, and who said so"
  let positionals = [RegistryWords.model, RegistryWords.version]
  let options = [RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model show inspector 3", "ridley model show inspector live --json"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.any(arguments.positionals[1], of: arguments.positionals[0])
    let facts = try registry.facts(of: version)
    guard !arguments.has("json") else {
      try Terminal.print(JSONText.line(facts.write))
      return .success
    }
    try Terminal.print(Self.text(facts))
    return .success
  }

  private static func text(_ facts: ModelRegistry.VersionFacts) -> String {
    let version = facts.version
    var lines = [
      "\(version.model) \(version.number) (\(version.digest))",
      "task       \(version.task)",
      "published  \(CompositeKey.time(milliseconds: version.published)) by \(version.by)",
    ]
    if let removed = version.removed {
      let reason = removed.reason.map { ": \($0)" } ?? ""
      lines.append("removed    \(CompositeKey.time(milliseconds: removed.at)) by \(removed.by)\(reason)")
    }
    lines += version.files.map { "file       \($0.path), \(Units.text(bytes: $0.byteCount))" }
    let origin = version.origin
    for (name, text) in [
      ("run", origin.run), ("data", origin.data), ("parent", origin.parent), ("source", origin.source),
      ("schema", origin.schema),
    ] { if let text { lines.append(line(name, text)) } }
    lines += facts.aliases.map { "alias      \($0.alias), since \(CompositeKey.time(milliseconds: $0.at)) by \($0.by)" }
    for note in facts.notes {
      if case .tag = note.content {
        lines.append("tag        \(NoteWords.text(note)), by \(note.by)")
      } else {
        lines.append("metric     \(NoteWords.text(note)), by \(note.by)")
      }
    }
    lines += facts.signatures.map { "signed     by \($0.by) with the key \($0.key)" }
    lines += facts.examples.map { "inputs     \($0.count), answered by \($0.computation), recorded by \($0.by)" }
    if let card = facts.card { lines += ["", card] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(1, 11 - name.utf8.count)) + text
  }
}
