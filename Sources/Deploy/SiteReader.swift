internal import Base
internal import YAML

/// From the document to the site; everything that is wrong is told together.
struct SiteReader {
  enum Key: String, CaseIterable { case servers, models, pipelines, streams, targets, alerts, render }
  enum ServerKey: String, CaseIterable { case address, key, client }

  var site: Site
  var diagnostics: Diagnostics
  let folder: String
  let surroundings: SiteSurroundings

  init(_ site: Site, folder: String, _ surroundings: SiteSurroundings) {
    (self.site, self.folder, self.surroundings) = (site, folder, surroundings)
    diagnostics = Diagnostics(document: site.name)
  }

  mutating func read(_ root: YAMLNode) throws(Fault) -> Site {
    guard case .map(let entries) = root.kind else {
      throw YAMLValue(root, what: "the blueprint", document: site.name).unfit("a group of keys")
    }
    readServers(entries.first { $0.key == Key.servers.rawValue }, root)
    for entry in entries { read(entry) }
    site.things.sort { $0.key < $1.key }
    if let fault = diagnostics.fault { throw fault }
    return site
  }

  private mutating func read(_ entry: YAMLEntry) {
    switch Key(rawValue: entry.key) {
    case .models where entry.node.isGroup: for model in members(entry) { readModel(model) }
    case .pipelines where entry.node.isGroup: for pipeline in members(entry) { readPipeline(pipeline) }
    case .streams: for stream in members(entry) { readStream(stream) }
    case .targets: for target in members(entry) { readTarget(target) }
    case .alerts: for alert in members(entry) { readAlert(alert) }
    // What is rendered is read by the room that renders.
    case .servers, .render: break
    case .models, .pipelines, nil: readStartup(entry)
    }
  }

  /// A key that servers are started with, read as they would; of what is wrong with it the first is told.
  private mutating func readStartup(_ entry: YAMLEntry) {
    guard surroundings.startupKeys.contains(entry.key) else {
      let known = Key.allCases.map(\.rawValue) + surroundings.startupKeys + [SiteStages.key]
      let hint = Suggestion.hint(for: entry.key, among: known)
      let advice = hint.isEmpty ? ", expected \(Diagnostics.list(Set(known).sorted()))" : hint
      return diagnostics.add(entry.place, "unknown key '\(entry.key)' in the blueprint\(advice)")
    }
    site.startup.append(entry.key)
    let alone = YAMLNode(.map([entry]), at: entry.place)
    let value = YAMLValue(entry.node, what: entry.key, document: site.name)
    _ = diagnostics.attempt(at: value) { () throws(Fault) in try surroundings.checkStartup(alone, site.name) }
  }

  /// The things of a kind, by name.
  private mutating func members(_ entry: YAMLEntry) -> [YAMLEntry] {
    let value = YAMLValue(entry.node, what: entry.key, document: site.name)
    guard case .map(let members) = entry.node.kind else {
      if !entry.node.isNothing {
        diagnostics.add(value, "\(entry.key) must be a group: the name of each, and what it is")
      }
      return []
    }
    return members
  }

  private mutating func readServers(_ entry: YAMLEntry?, _ root: YAMLNode) {
    let servers = entry.map { members($0) } ?? []
    if servers.isEmpty, entry.map({ $0.node.isGroup || $0.node.isNothing }) ?? true {
      diagnostics.add(entry?.place ?? root.place, "a blueprint needs servers: a name and an address for each")
    }
    for entry in servers {
      readServer(entry)
      guard let new = site.servers.last, new.name == entry.key, !new.address.isEmpty,
        let same = site.servers.dropLast().first(where: { Self.place($0.address) == Self.place(new.address) })
      else { continue }
      diagnostics.add(entry.place, "the server \(new.name) has the address of \(same.name): one server has one name")
    }
    site.servers.sort { $0.name < $1.name }
  }

  private mutating func readServer(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the server \(entry.key)", document: site.name)
    guard name(entry, "server") else { return }
    let fields = DiagnosticFields<ServerKey>(value, &diagnostics)
    let address = fields.required(.address, &diagnostics) { (value) throws(Fault) in try Self.address(value) }
    let key = fields.value(.key, &diagnostics) { (value) throws(Fault) in try SecretReference(value, folder: folder) }
    let client = fields.value(.client, &diagnostics) { (value) throws(Fault) in try Self.client(value) }
    site.servers.append(
      Site.Server(name: entry.key, address: address ?? "", key: key, client: client ?? Self.usualClient))
  }

  private static let usualClient = "local"

  static func client(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    guard ClientName.isValid(text) else {
      throw value.fault("'\(text)' is no name of a client: small letters, digits, '.', '_' and '-', at most 80")
    }
    return text
  }

  /// Without a slash at its end.
  private static func address(_ value: YAMLValue) throws(Fault) -> String {
    var text = try value.text()
    while text.hasSuffix("/") { text.removeLast() }
    let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
    guard let first = rest.first, first != "/", first != ":",
      rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !Array("?#@\\\"<>".utf8).contains($0) })
    else { throw value.fault("this is no address for \(value.what), expected e.g. https://vision.example.org:8443") }
    return text
  }

  /// An address as it is compared: the host in small letters, and no port that need not be said.
  private static func place(_ address: String) -> String {
    let isSecure = address.hasPrefix("https://")
    let rest = address.dropFirst(isSecure ? 8 : 7)
    let host = rest.prefix { $0 != "/" }
    let (port, plain) = (isSecure ? ":443" : ":80", host.lowercased())
    return
      "\(isSecure)\(plain.hasSuffix(port) ? String(plain.dropLast(port.count)) : plain)\(rest.dropFirst(host.count))"
  }

  /// Whether the thing has a name that servers take; else a diagnostic says so.
  mutating func name(_ entry: YAMLEntry, _ what: String) -> Bool {
    if PlainName.isValid(entry.key) { return true }
    diagnostics.add(
      entry.place,
      "'\(entry.key)' is no name for a \(what): letters, digits, '-', '_' and '.', which does not stand in front, at most 64"
    )
    return false
  }

  /// The servers that a thing names, the only one where it names none; nothing and a diagnostic where that is not clear.
  mutating func servers(_ value: YAMLValue?, of owner: YAMLValue) -> [Site.Server] {
    guard let value else {
      if site.servers.count > 1 {
        let names = site.servers.map(\.name)
        diagnostics.add(owner, "\(owner.what) needs a server: \(Diagnostics.list(names)), or a list of them")
      }
      return site.servers.count == 1 ? site.servers : []
    }
    var found: [Site.Server] = []
    for item in diagnostics.attempt(value, { (value) throws(Fault) in try value.itemsOrOne() }) ?? [] {
      guard let name = diagnostics.attempt(item, { (item) throws(Fault) in try item.text() }) else { continue }
      guard let server = site.servers.first(where: { $0.name == name }) else {
        let known = site.servers.map(\.name)
        diagnostics.add(item, "there is no server '\(name)'\(Suggestion.hint(for: name, among: known))")
        continue
      }
      if found.contains(server) {
        diagnostics.add(item, "the server '\(name)' stands here twice")
      } else {
        found.append(server)
      }
    }
    return found
  }
}

extension YAMLNode {
  var isGroup: Bool { if case .map = kind { true } else { false } }
  var isNothing: Bool {
    if case .scalar(let text, quoted: false) = kind { ["", "~", "null", "Null", "NULL"].contains(text) } else { false }
  }
}
