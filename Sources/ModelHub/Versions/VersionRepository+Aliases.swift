public import Base
internal import YAML

/// Names that point to versions of a model, in `aliases.yaml` beside them: `live: "2"`.
extension VersionRepository {
  private func place(_ model: String) -> String { "\(folder)/\(model)/\(Self.aliases)" }

  /// Versions by alias; none where there is no file, or nothing in it.
  public func aliases(of model: String) throws(Fault) -> [String: String] {
    let path = place(model)
    guard FileSystem.isThere(path),
      let document = try YAMLDocument.parseUnlessEmpty(try FileSystem.read(path, limit: 1 << 16), name: path)
    else { return [:] }
    guard case .map(let entries) = document.root.kind else {
      throw document.value("the file").fault("a group of keys is needed: an alias and its version on each line")
    }
    var aliases: [String: String] = [:]
    for entry in entries {
      let value = YAMLValue(entry.node, what: entry.key, document: path)
      let version = try value.text()
      guard NameGrammar.isAlias(entry.key), NameGrammar.isName(version) else {
        throw value.fault(
          "'\(entry.key): \(version)' is no alias: letters, digits, '-', '_' and '.' are allowed, and it is not a number"
        )
      }
      aliases[entry.key] = version
    }
    return aliases
  }

  /// Points an alias to a version, or takes it away, and gives back all that the model has then.
  ///
  /// The file outlives a loss of power. One caller at a time: a reader meanwhile sees the aliases before or after.
  public func set(_ alias: String, of model: String, to version: String?) throws(Fault) -> [String: String] {
    guard NameGrammar.isAlias(alias) else { throw Self.noAlias(alias) }
    precondition(version.map(NameGrammar.isName) ?? true, "a version's name that nobody checked")
    var aliases = try aliases(of: model)
    if version == nil, aliases[alias] == nil {
      throw Fault(.notFound, "the model '\(model)' has no alias '\(alias)'")
    }
    aliases[alias] = version
    try set(aliases, of: model)
    return aliases
  }

  /// Writes down all aliases of a model, where they are others than before; as above.
  public func set(_ aliases: [String: String], of model: String) throws(Fault) {
    let lines = aliases.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"\n" }
    let text = Array((lines.isEmpty ? "{}\n" : lines.joined()).utf8)
    guard (try? FileSystem.read(place(model), limit: 1 << 16)) != text else { return }
    try FileSystem.write(text, to: place(model), isDurable: true)
  }

  /// Takes away what a process that was killed had begun to write of a model's aliases.
  public func removeLeftovers(of model: String) { FileSystem.removeLeftovers(of: place(model)) }

  /// Why a name cannot be an alias.
  public static func noAlias(_ name: String) -> Fault {
    Fault(.badInput, "'\(name)' cannot be an alias: take letters, digits, '-' and '_', and not a number")
  }
}
