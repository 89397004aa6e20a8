internal import Base
internal import YAML

/// What must not stand in a blueprint, wherever it stands, in any of its stages.
extension SiteReader {
  /// Notes the places of all that is a secret, without the secrets.
  mutating func noteSecrets(in document: YAMLDocument) { note(in: document.root, "the blueprint") }

  private mutating func note(in node: YAMLNode, _ what: String) {
    switch node.kind {
    case .map(let entries): for entry in entries { note(in: entry.node, entry.key) }
    case .list(let nodes): for node in nodes { note(in: node, what) }
    case .scalar(let text, _):
      guard let kind = Self.kind(of: text) else { return }
      diagnostics.add(
        YAMLValue(node, what: what, document: site.name),
        "\(what) has \(kind) in it, and no secret stands in a blueprint: say where it is, as {secret: env:NAME} or {secret: file:PATH}"
      )
    }
  }

  /// The same with a word in the place of each secret, so that what else is wrong can be told and shows none.
  static func concealed(_ node: YAMLNode) -> YAMLNode {
    var node = node
    switch node.kind {
    case .map(let entries):
      node.kind = .map(entries.map { YAMLEntry(key: $0.key, place: $0.place, node: concealed($0.node)) })
    case .list(let nodes): node.kind = .list(nodes.map(concealed))
    case .scalar(let text, let quoted):
      guard kind(of: text) != nil else { break }
      let scheme = AddressSecret.hasPassword(text) ? text.firstRange(of: "://").map { text[..<$0.upperBound] } : nil
      node.kind = .scalar(scheme.map { "\($0)concealed/concealed" } ?? "env:CONCEALED", quoted: quoted)
    }
    return node
  }

  private static func kind(of text: String) -> String? {
    if AddressSecret.hasPassword(text) { return "a password" }
    if text.contains("PRIVATE KEY-----") { return "a private key" }
    return text.hasPrefix("rk_") && text.utf8.count > 20 ? "a key of a server" : nil
  }
}
