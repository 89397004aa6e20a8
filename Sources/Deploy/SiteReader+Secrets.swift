internal import Base
internal import YAML

/// What must not stand in a blueprint, wherever it stands, in any of its stages.
extension SiteReader {
  /// - Throws: `badInput` with the places of all that is a secret, and without the secrets.
  func refuseSecrets(in document: YAMLDocument) throws(Fault) {
    var found = Diagnostics(document: document.name)
    Self.search(document.root, "the blueprint", document.name, &found)
    if let fault = found.fault { throw fault }
  }

  private static func search(_ node: YAMLNode, _ what: String, _ document: String, _ found: inout Diagnostics) {
    switch node.kind {
    case .map(let entries): for entry in entries { search(entry.node, entry.key, document, &found) }
    case .list(let nodes): for node in nodes { search(node, what, document, &found) }
    case .scalar(let text, _):
      guard let kind = kind(of: text) else { return }
      found.add(
        YAMLValue(node, what: what, document: document),
        "\(what) has \(kind) in it, and no secret stands in a blueprint: say where it is, as {secret: env:NAME} or {secret: file:PATH}"
      )
    }
  }

  private static func kind(of text: String) -> String? {
    if AddressSecret.hasPassword(text) { return "a password" }
    if text.contains("PRIVATE KEY-----") { return "a private key" }
    return text.hasPrefix("rk_") && text.utf8.count > 20 ? "a key of a server" : nil
  }
}
