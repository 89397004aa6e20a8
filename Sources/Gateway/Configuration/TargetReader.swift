internal import Base
internal import Catalog
internal import Delivery
internal import Glibc
internal import YAML

/// Reads whom a server tells what happens, and where its secrets are.
struct TargetReader {
  enum Key: String, CaseIterable {
    case client, address, user, kinds, streams, rules, labels, phases, topic, discovery
    case secretFile = "secret-file"
    case secretEnvironment = "secret-environment"
    case passwordFile = "password-file"
    case passwordEnvironment = "password-environment"
  }
  enum PaceKey: String, CaseIterable { case retry, longest, probe, patience, keep, links }

  enum IncidentKey: String, CaseIterable {
    case source, disk, queue
  }

  let folder: String
  /// Else a secret is taken for empty, wherever it is.
  var findsSecrets = true

  func targets(_ value: YAMLValue) throws(Fault) -> [DeliveryTarget] {
    guard case .map(let entries) = value.node.kind else {
      throw value.fault("targets must be a group: the name of each, and its address")
    }
    var targets: [DeliveryTarget] = []
    for entry in entries {
      targets.append(try target(entry.key, YAMLValue(entry.node, what: entry.key, document: value.document)))
    }
    return targets
  }

  private func target(_ name: String, _ value: YAMLValue) throws(Fault) -> DeliveryTarget {
    let fields = try value.fields(Key.self)
    var target = DeliveryTarget(
      client: try fields[.client]?.text() ?? "local", name: name, address: try fields.required(.address).text(),
      created: 0)
    (target.isConfigured, target.reachesPrivate) = (true, true)
    target.credentials.secret = try secret(fields, .secretFile, .secretEnvironment)
    target.credentials.user = try fields[.user]?.text()
    target.credentials.password = try secret(fields, .passwordFile, .passwordEnvironment)
    if target.kind == .webhook, target.credentials.secret == nil {
      throw value.fault(
        "the target \(name) is a webhook, and needs what its notices are signed with: secret-file or secret-environment"
      )
    }
    for item in try fields[.kinds]?.itemsOrOne() ?? [] { target.selection.kinds.append(try item.choice()) }
    target.selection.streams = try words(fields[.streams])
    target.selection.rules = try words(fields[.rules])
    target.selection.labels = try words(fields[.labels])
    if let phases = fields[.phases] {
      target.selection.phases = []
      for item in try phases.itemsOrOne() { target.selection.phases.append(try item.choice()) }
    }
    if let topic = fields[.topic] { target.topic = try topic.text() }
    if let discovery = fields[.discovery] { target.announces = try discovery.flag() }
    return target
  }

  private func words(_ value: YAMLValue?) throws(Fault) -> [String] {
    var words: [String] = []
    for item in try value?.itemsOrOne() ?? [] { words.append(try item.text()) }
    return words
  }

  /// From a file, without the line's end, or from the environment; never from the configuration itself.
  func secret<Word: RawRepresentable<String> & CaseIterable & Hashable>(
    _ fields: YAMLFields<Word>, _ file: Word, _ variable: Word
  ) throws(Fault) -> String? {
    if let value = fields[file] {
      guard fields[variable] == nil else {
        throw value.fault("\(file.rawValue) and \(variable.rawValue) say the same: give one of them")
      }
      let path = try value.text()
      guard findsSecrets else { return "" }
      let bytes = try FileSystem.read(path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)", limit: 4096)
      return String(decoding: bytes, as: UTF8.self).trimmed
    }
    guard let value = fields[variable] else { return nil }
    let name = try value.text()
    guard findsSecrets else { return "" }
    guard let found = getenv(name) else { throw value.fault("there is no \(name) in the environment") }
    return String(cString: found)
  }

  /// `https://HOST`, with a port or without, and nothing behind it.
  func origin(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    let plain = text.hasSuffix("/") ? String(text.dropLast()) : text
    let rest = plain.hasPrefix("https://") ? plain.dropFirst(8) : plain.hasPrefix("http://") ? plain.dropFirst(7) : ""
    guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && ![0x3f, 0x23, 0x40].contains($0) }) else {
      throw value.fault("'\(text)' is no address for \(value.what), expected e.g. https://cameras.example")
    }
    return plain
  }

  func readPace(_ value: YAMLValue, _ result: inout ServeConfiguration) throws(Fault) {
    let fields = try value.fields(PaceKey.self)
    if let value = fields[.retry] { result.pace.first = try value.seconds(in: 0.01...3600) }
    if let value = fields[.longest] { result.pace.longest = try value.seconds(in: 0.01...86_400) }
    if let value = fields[.probe] { result.pace.longestProbe = try value.seconds(in: 0.01...86_400) }
    if let value = fields[.patience] { result.pace.patience = try value.age(least: 1) }
    if let value = fields[.keep] { result.pace.kept = try value.age(least: 60) }
    if let value = fields[.links] { result.linkSeconds = Int(try value.age(least: 1)) }
  }
}

extension TargetReader {
  /// From when on something that is wrong is an incident.
  func readIncidents(_ value: YAMLValue, _ result: inout ServeConfiguration) throws(Fault) {
    let fields = try value.fields(IncidentKey.self)
    if let value = fields[.source] { result.sourcePatience = try value.seconds(in: 0...86_400) }
    if let value = fields[.queue] { result.queuePatience = try value.seconds(in: 1...86_400) }
    if let value = fields[.disk] { result.diskReserve = try value.bytes(in: 1...1 << 50) }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
