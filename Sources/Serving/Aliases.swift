internal import Base
internal import YAML

/// Names that point to versions of a model, in `aliases.yaml` beside them: `live: "2"`.
enum Aliases {
  private static let fileName = "aliases.yaml"

  /// None where there is no file.
  static func read(_ folder: String) throws(Fault) -> [String: String] {
    let path = "\(folder)/\(fileName)"
    guard Disk.kind(of: path) == .file else { return [:] }
    let document = try YAMLDocument.parse(try Disk.read(path, limit: 1 << 16), name: path)
    guard case .map(let entries) = document.root.kind else {
      throw document.value("the file").fault("a group of keys is needed: an alias and its version on each line")
    }
    var aliases: [String: String] = [:]
    for entry in entries {
      let value = YAMLValue(entry.node, what: entry.key, document: path)
      let version = try value.text()
      guard VersionFolder.isName(entry.key), VersionFolder.isName(version) else {
        throw value.fault("'\(entry.key): \(version)' is no alias: letters, digits, '-', '_' and '.' are allowed")
      }
      aliases[entry.key] = version
    }
    return aliases
  }

  static func write(_ aliases: [String: String], _ folder: String) throws(Fault) {
    let lines = aliases.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"\n" }
    try Disk.write(Array(lines.joined().utf8), to: "\(folder)/\(fileName)")
  }
}
