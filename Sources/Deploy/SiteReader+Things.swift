internal import Base
internal import YAML

/// Models, pipelines, targets and alerts.
extension SiteReader {
  enum ModelKey: String, CaseIterable { case server, aliases }
  enum VersionKey: String, CaseIterable { case version, digest }
  enum PipelineKey: String, CaseIterable { case server, file }
  enum TargetKey: String, CaseIterable {
    case server, client, address, secret, user, password, kinds, streams, rules, labels, phases, topic, discovery
  }
  enum AlertKey: String, CaseIterable { case server, client, query, zone }

  private enum EventKind: String, CaseIterable { case event, health, alert, drift }
  private enum Phase: String, CaseIterable { case start, update, end }

  mutating func readModel(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the model \(entry.key)", document: site.name)
    let fields = DiagnosticFields<ModelKey>(value, &diagnostics)
    let places = servers(fields[.server], of: value)
    guard !entry.key.isEmpty, !entry.key.contains("/") else {
      return diagnostics.add(entry.place, "'\(entry.key)' is no name of a model: there is no '/' in one")
    }
    guard let aliases = fields[.aliases] else {
      if fields.isGroup { diagnostics.add(value, "the key 'aliases' is missing in \(value.what)") }
      return
    }
    guard case .map(let entries) = aliases.node.kind else {
      return diagnostics.add(aliases, "aliases must be a group: the name of each, and the version that it points to")
    }
    for alias in entries { readAlias(alias, of: entry.key, places) }
  }

  private mutating func readAlias(_ entry: YAMLEntry, of model: String, _ places: [Site.Server]) {
    let value = YAMLValue(entry.node, what: entry.key, document: site.name)
    guard Self.isAlias(entry.key) else {
      return diagnostics.add(
        entry.place, "'\(entry.key)' is no alias: letters, digits, '-', '_' and '.', and not a number alone")
    }
    var (version, digest) = (String?.none, String?.none)
    if entry.node.isGroup {
      let fields = DiagnosticFields<VersionKey>(value, &diagnostics)
      version = fields.required(.version, &diagnostics) { (value) throws(Fault) in try value.text() }
      digest = fields.value(.digest, &diagnostics) { (value) throws(Fault) in try Self.digest(value) }
    } else {
      version = diagnostics.attempt(value) { (value) throws(Fault) in try value.text() }
    }
    guard let version else { return }
    for server in places {
      var thing = Thing(ThingKey(.alias, "\(model)/\(entry.key)", server: server.name))
      thing.fields.set("version", version)
      thing.needs = [.version(version, of: model, digest: digest)]
      site.things.append(thing)
    }
  }

  private static func isAlias(_ text: String) -> Bool {
    let letters = text.utf8.filter { !(0x30...0x39).contains($0) }
    return PlainName.isValid(text) && !letters.isEmpty
  }

  private static func digest(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : ""
    guard digits.utf8.count == 64, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else {
      throw value.fault("'\(text.prefix(80))' is no digest, expected sha256: and 64 digits, as 'GET /v1/models' has it")
    }
    return text
  }

  mutating func readPipeline(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the pipeline \(entry.key)", document: site.name)
    guard name(entry, "pipeline") else { return }
    let fields = DiagnosticFields<PipelineKey>(value, &diagnostics)
    let places = servers(fields[.server], of: value)
    let bytes = fields.required(.file, &diagnostics) { (value) throws(Fault) in
      let text = try value.text()
      let path = text.hasPrefix("/") || folder == "." ? text : "\(folder)/\(text)"
      do throws(Fault) {
        let bytes = try FileSystem.read(path, limit: Self.pipelineByteCount)
        try surroundings.checkPipeline(bytes, path)
        return bytes
      } catch { throw value.fault(error.message) }
    }
    guard let bytes else { return }
    site.add(bytes)
    for server in places {
      var thing = Thing(ThingKey(.pipeline, entry.key, server: server.name))
      thing.fields.set("document", String(decoding: bytes, as: UTF8.self))
      site.things.append(thing)
    }
  }

  /// What a server takes of one over HTTP, with room for what JSON makes longer.
  private static let pipelineByteCount = 48 << 10

  mutating func readTarget(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the target \(entry.key)", document: site.name)
    guard name(entry, "target") else { return }
    let fields = DiagnosticFields<TargetKey>(value, &diagnostics)
    let places = servers(fields[.server], of: value)
    let client = fields.value(.client, &diagnostics) { (value) throws(Fault) in try Self.client(value) }
    guard let address = fields.required(.address, &diagnostics, { (value) throws(Fault) in value }) else { return }
    var thing = Thing(ThingKey(.target, entry.key, server: ""))
    var isBroker = false
    if address.node.isGroup {
      // Those of webhooks are: who has one can tell it things.
      thing.references["address"] = reference(address)
    } else if let text = diagnostics.attempt(address, { (value) throws(Fault) in try value.text() }) {
      thing.fields.set("address", text)
      isBroker = text.hasPrefix("mqtt")
      refuseSecret(in: text, address, isBroker: isBroker)
    }
    readSelection(fields, into: &thing)
    readCredentials(fields, isBroker: isBroker, into: &thing)
    add(thing, to: places, client: client)
  }

  private mutating func refuseSecret(in text: String, _ value: YAMLValue, isBroker: Bool) {
    let behind = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
    let hasUser = behind.prefix { !"/?#".contains($0) }.contains("@")
    guard hasUser || Self.hasSecretWord(text.drop { $0 != "?" && $0 != "#" }.lowercased()) else { return }
    let way = isBroker ? "password: env:NAME, and user: beside it" : "address: {secret: env:NAME}"
    diagnostics.add(
      value, "address has a user, a password or a token in it, and no secret stands in a blueprint: \(way)")
  }

  private mutating func readSelection(_ fields: DiagnosticFields<TargetKey>, into thing: inout Thing) {
    let kinds = words(fields[.kinds]) { (item) throws(Fault) in try item.choice(of: EventKind.self).rawValue }
    let phases = words(fields[.phases]) { (item) throws(Fault) in try item.choice(of: Phase.self).rawValue }
    thing.fields.set("kinds", words: kinds)
    thing.fields.set("phases", words: fields[.phases] == nil ? [Phase.start.rawValue, Phase.end.rawValue] : phases)
    let lists: [TargetKey] = [.streams, .rules, .labels]
    for key in lists {
      thing.fields.set(key.rawValue, words: words(fields[key]) { (item) throws(Fault) in try item.text() })
    }
  }

  private mutating func readCredentials(
    _ fields: DiagnosticFields<TargetKey>, isBroker: Bool, into thing: inout Thing
  ) {
    let (needed, foreign): ([TargetKey], [TargetKey]) =
      isBroker ? ([], [.secret]) : ([.secret], [.user, .password, .topic, .discovery])
    for key in foreign {
      if let value = fields[key] {
        diagnostics.add(value, "\(key.rawValue) is for \(isBroker ? "webhooks" : "brokers") alone")
      }
    }
    for key in needed where fields[key] == nil && fields.isGroup {
      diagnostics.add(
        fields.owner, "\(fields.owner.what) is a webhook, and needs what its notices are signed with: secret: env:NAME")
    }
    let secrets: [TargetKey] = [.secret, .password]
    for key in secrets {
      thing.references[key.rawValue] = fields.value(key, &diagnostics) { (value) throws(Fault) in
        try SecretReference(value, folder: folder)
      }
    }
    thing.hidden["user"] = fields.value(.user, &diagnostics) { (value) throws(Fault) in try value.text() }
    guard isBroker else { return }
    thing.fields.set(
      "topic", fields.value(.topic, &diagnostics) { (value) throws(Fault) in try value.text() } ?? "ridley")
    thing.fields.set(
      "discovery", flag: fields.value(.discovery, &diagnostics) { (value) throws(Fault) in try value.flag() } ?? false)
  }

  mutating func readAlert(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the alert \(entry.key)", document: site.name)
    guard name(entry, "alert") else { return }
    let fields = DiagnosticFields<AlertKey>(value, &diagnostics)
    let places = servers(fields[.server], of: value)
    let client = fields.value(.client, &diagnostics) { (value) throws(Fault) in try Self.client(value) }
    var thing = Thing(ThingKey(.alert, entry.key, server: ""))
    thing.fields.set("query", fields.required(.query, &diagnostics) { (value) throws(Fault) in try value.text() })
    thing.fields.set("timeZone", fields.value(.zone, &diagnostics) { (value) throws(Fault) in try value.text() })
    add(thing, to: places, client: client)
  }

  /// The same thing on each server.
  mutating func add(_ thing: Thing, to servers: [Site.Server], client: String?) {
    for server in servers {
      site.things.append(
        Thing(thing, at: ThingKey(thing.key.kind, thing.key.name, client: client ?? server.client, server: server.name))
      )
    }
  }

  mutating func words(_ value: YAMLValue?, _ read: (YAMLValue) throws(Fault) -> String) -> [String] {
    guard let value else { return [] }
    let items = diagnostics.attempt(value) { (value) throws(Fault) in try value.itemsOrOne() } ?? []
    return items.compactMap { diagnostics.attempt($0, read) }
  }
}
