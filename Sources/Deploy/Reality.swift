internal import Base
internal import JSON

/// What servers have, as far as a blueprint is about it.
struct Reality: Sendable {
  struct Actual: Sendable, Hashable {
    var fields: ThingFields
    /// It stands in the server's own configuration, which nothing over HTTP changes.
    var isConfigured = false
  }

  struct Version: Sendable, Hashable {
    enum State: String, CaseIterable { case ready, loading, unavailable }

    var state: State
    var reason: String?
    var digest: String?
    /// Bytes that it takes, where it is not in memory now.
    var absentByteCount: Int?
  }

  var things: [ThingKey: Actual] = [:]
  /// Of each server the versions of each model, and the names of its pipelines.
  var models: [String: [String: [String: Version]]] = [:]
  var pipelines: [String: Set<String>] = [:]
  /// Where streams stand, by key: `live`, and why not.
  var streams: [ThingKey: (state: String, reason: String?)] = [:]
}

/// Asks servers what they have.
struct RealityReader {
  let link: any DeployLink
  /// By which secrets are known again.
  let state: DeployState
  /// Targets whose addresses are secrets.
  let concealed: Set<ThingKey>

  /// All of the kinds, servers and clients that the keys name; with the models and pipelines of these servers where `needs` are named.
  func read(_ keys: Set<ThingKey>, needs: [(server: String, need: Thing.Need)] = []) throws(Fault) -> Reality {
    var reality = Reality()
    // Pipelines are asked for one by one: lists of them have no documents.
    let lists = Set(keys.map { $0.kind == .pipeline ? $0 : $0.named("") })
    for list in lists.sorted() {
      do throws(Fault) { try read(list, into: &reality) } catch { throw error.at("the server \(list.server)") }
    }
    for (server, need) in needs {
      do throws(Fault) {
        switch need {
        case .pipeline: if reality.pipelines[server] == nil { reality.pipelines[server] = try pipelines(of: server) }
        case .model, .version: if reality.models[server] == nil { try readModels(of: server, into: &reality) }
        }
      } catch { throw error.at("the server \(server)") }
    }
    return reality
  }

  private func read(_ list: ThingKey, into reality: inout Reality) throws(Fault) {
    switch list.kind {
    case .alias: if reality.models[list.server] == nil { try readModels(of: list.server, into: &reality) }
    case .pipeline: try readPipeline(list, into: &reality)
    case .target: try readTargets(list, into: &reality)
    case .stream: try readStreams(list, into: &reality)
    case .alert: try readAlerts(list, into: &reality)
    }
  }

  private func document(_ request: DeployRequest) throws(Fault) -> JSONValue {
    let bytes = try link.answer(to: request)
    return try JSONDocument(parsing: bytes.span.bytes, name: "the answer to /\(request.path.joined(separator: "/"))")
      .root
  }

  private func readPipeline(_ key: ThingKey, into reality: inout Reality) throws(Fault) {
    enum Key: String, CaseIterable { case document }
    let root: JSONValue
    do throws(Fault) { root = try document(DeployRequest(key.server, ["v1", "pipelines", key.name])) } catch {
      guard error.kind == .notFound else { throw error }
      return
    }
    var actual = Reality.Actual(fields: ThingFields())
    try actual.fields.set("document", json: root.fields(Key.self, others: .ignored).required(.document))
    reality.things[key] = actual
  }

  private func pipelines(of server: String) throws(Fault) -> Set<String> {
    enum Key: String, CaseIterable { case name }
    var names: Set<String> = []
    for value in try document(DeployRequest(server, ["v1", "pipelines"])).elements() {
      names.insert(try value.fields(Key.self, others: .ignored).required(.name).string())
    }
    return names
  }

  private enum ModelKey: String, CaseIterable { case name, versions, aliases }
  private enum VersionKey: String, CaseIterable { case version, state, reason, digest, loaded, memory }

  private func readModels(of server: String, into reality: inout Reality) throws(Fault) {
    var models: [String: [String: Reality.Version]] = [:]
    for value in try document(DeployRequest(server, ["v1", "models"])).elements() {
      let fields = try value.fields(ModelKey.self, others: .ignored)
      let model = try fields.required(.name).string()
      var versions: [String: Reality.Version] = [:]
      for value in try fields.required(.versions).elements() {
        let fields = try value.fields(VersionKey.self, others: .ignored)
        var version = Reality.Version(state: try fields.required(.state).choice())
        (version.reason, version.digest) = (try fields[.reason]?.string(), try fields[.digest]?.string())
        if try fields[.loaded]?.bool() == false { version.absentByteCount = try fields[.memory]?.integer() }
        versions[try fields.required(.version).string()] = version
      }
      models[model] = versions
      for (alias, value) in try fields.required(.aliases).members() {
        var actual = Reality.Actual(fields: ThingFields())
        try actual.fields.set("version", json: value)
        reality.things[ThingKey(.alias, "\(model)/\(alias)", server: server)] = actual
      }
    }
    reality.models[server] = models
  }

  private enum TargetKey: String, CaseIterable {
    case target, address, kinds, streams, rules, labels, phases, topic, discovery, configured
  }
  private enum TargetListKey: String, CaseIterable { case targets }

  private func readTargets(_ list: ThingKey, into reality: inout Reality) throws(Fault) {
    let root = try document(DeployRequest(list.server, ["v1", "targets"], client: list.client))
    for value in try root.fields(TargetListKey.self, others: .ignored).required(.targets).elements() {
      let fields = try value.fields(TargetKey.self, others: .ignored)
      var actual = Reality.Actual(fields: ThingFields())
      let (plain, lists): ([TargetKey], [TargetKey]) = (
        [.address, .topic, .discovery], [.kinds, .streams, .rules, .labels, .phases]
      )
      for key in plain { if let value = fields[key] { try actual.fields.set(key.rawValue, json: value) } }
      for key in lists {
        var words: [String] = []
        for word in try fields.required(key).elements() { words.append(try word.string()) }
        actual.fields.set(key.rawValue, words: words)
      }
      let key = list.named(try fields.required(.target).string())
      if concealed.contains(key), let address = actual.fields.string("address") {
        actual.fields.set("address", state.conceal(address, of: key))
      }
      actual.isConfigured = try fields[.configured]?.bool() ?? false
      reality.things[key] = actual
    }
  }

  private enum StreamKey: String, CaseIterable {
    case name, owner, state, reason, source, view, pipeline, model, rate, weight, clips, record
    case budget = "budget_ms"

    static let plain: [StreamKey] = [.source, .view, .pipeline, .model, .budget, .rate, .weight, .clips, .record]
  }

  private func readStreams(_ list: ThingKey, into reality: inout Reality) throws(Fault) {
    for value in try document(DeployRequest(list.server, ["v1", "streams"], client: list.client)).elements() {
      let fields = try value.fields(StreamKey.self, others: .ignored)
      guard try fields.required(.owner).string() == list.client else { continue }
      let key = list.named(try fields.required(.name).string())
      var actual = Reality.Actual(fields: ThingFields())
      for key in StreamKey.plain {
        if let value = fields.given(key) { try actual.fields.set(key.rawValue, json: value) }
      }
      reality.things[key] = actual
      reality.streams[key] = (try fields.required(.state).string(), try fields.given(.reason)?.string())
    }
  }

  private enum AlertKey: String, CaseIterable { case name, query, timeZone }
  private enum AlertListKey: String, CaseIterable { case alerts }

  private func readAlerts(_ list: ThingKey, into reality: inout Reality) throws(Fault) {
    let root = try document(DeployRequest(list.server, ["v1", "search", "alerts"], client: list.client))
    for value in try root.fields(AlertListKey.self, others: .ignored).required(.alerts).elements() {
      let fields = try value.fields(AlertKey.self, others: .ignored)
      var actual = Reality.Actual(fields: ThingFields())
      actual.fields.set("query", try fields.required(.query).string())
      actual.fields.set("timeZone", try fields.given(.timeZone)?.string())
      reality.things[list.named(try fields.required(.name).string())] = actual
    }
  }
}

extension ThingKey {
  func named(_ name: String) -> ThingKey { ThingKey(kind, name, client: client, server: server) }
}
