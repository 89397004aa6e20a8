internal import Base
internal import YAML

/// What settings name that is not in the file itself: files, and variables of the environment.
extension RenderedSite {
  /// Where the image has models or pipelines, in place of what the blueprint says beside `render`, where these names may be those of things.
  mutating func readPlace(_ value: YAMLValue, _ key: String, _ diagnostics: inout Diagnostics) {
    checkPlace(value, &diagnostics)
    settings.removeAll { $0.key == key }
    settings.append(YAMLEntry(key: key, place: value.node.place, node: value.node))
  }

  /// Files are places of the image, and secrets are variables that containers are given.
  mutating func checkOutside(_ value: YAMLValue, _ diagnostics: inout Diagnostics) {
    if Self.pathKeys.contains(value.what) {
      if case .list(let nodes) = value.node.kind {
        for node in nodes { checkPlace(YAMLValue(node, what: value.what, document: value.document), &diagnostics) }
      } else {
        checkPlace(value, &diagnostics)
      }
    }
    guard ["log", "telemetry"].contains(value.what), case .map(let entries) = value.node.kind else { return }
    for entry in entries {
      let inner = YAMLValue(entry.node, what: entry.key, document: value.document)
      switch entry.key {
      case "access":
        if case .scalar("on", _) = entry.node.kind { continue }
        if case .scalar("off", _) = entry.node.kind { continue }
        checkPlace(inner, &diagnostics)
      case "headers-file": checkPlace(inner, &diagnostics)
      case "headers-environment":
        if let name = diagnostics.attempt(inner, { (value) throws(Fault) in try value.variableName() }) {
          secrets.append(name)
        }
      default: break
      }
    }
  }

  private func checkPlace(_ value: YAMLValue, _ diagnostics: inout Diagnostics) {
    guard let path = diagnostics.attempt(value, { (value) throws(Fault) in try value.text() }),
      !YAMLValue.isPlace(path)
    else { return }
    diagnostics.add(
      value,
      "'\(path)' is no place in an image for \(value.what): expected a path from the root, of letters, digits, '.', '_' and '-', such as /models"
    )
  }
}
