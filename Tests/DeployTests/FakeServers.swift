import Base
import Foundation

@testable import Deploy

/// Servers as far as a blueprint is about them, in memory; what no server would take is refused.
final class FakeServers: DeployLink {
  /// What a server has; bodies are as they were sent, by `CLIENT/NAME`.
  struct Content: Equatable {
    var streams: [String: [String: String]] = [:]
    var targets: [String: [String: String]] = [:]
    var alerts: [String: [String: String]] = [:]
    /// By `MODEL/ALIAS`.
    var aliases: [String: String] = [:]
    /// States of versions, by model.
    var models: [String: [String: String]] = ["inspector": ["1": "ready", "2": "ready", "3": "ready"]]
    var pipelines: Set = ["line", "dock"]
    /// Documents of those that have a file.
    var documents: [String: String] = [:]
    /// Of streams that are not live.
    var states: [String: String] = [:]
    var configured: Set<String> = []
    /// Whose key is shown, and its scopes; `nil` where none is asked for.
    var key: (client: String, scopes: String)?

    static func == (a: Content, b: Content) -> Bool {
      a.streams == b.streams && a.targets == b.targets && a.alerts == b.alerts && a.aliases == b.aliases
        && a.models == b.models && a.pipelines == b.pipelines && a.documents == b.documents && a.states == b.states
        && a.configured == b.configured
    }
  }

  /// What goes wrong with one request.
  enum Trouble {
    /// The program ends before or after the server did it.
    case endsBefore, endsAfter
    /// The server takes no connection, or the answer is lost.
    case lostBefore, lostAfter
    case refused(Fault)
  }

  var servers: [String: Content] = [:]
  private(set) var requests = 0
  private(set) var writes = 0
  /// Asked for each request, by its number.
  var trouble: (DeployRequest, Int) -> Trouble? = { _, _ in nil }

  init(_ names: [String]) { for name in names { servers[name] = Content() } }

  func forgetCounts() { (requests, writes) = (0, 0) }

  func answer(to request: DeployRequest) throws(Fault) -> [UInt8] {
    requests += 1
    let trouble = trouble(request, requests)
    switch trouble {
    case .endsBefore: throw Fault(.closed, "ended")
    case .lostBefore: throw Fault(.unavailable, "no connection")
    case .refused(let fault): throw fault
    case .endsAfter, .lostAfter, nil: break
    }
    guard var content = servers[request.server] else { throw Fault(.unavailable, "there is no such server") }
    let answer = try content.answer(to: request)
    if request.method != "GET" { writes += 1 }
    servers[request.server] = content
    switch trouble {
    case .endsAfter: throw Fault(.closed, "ended")
    case .lostAfter: throw Fault(.unavailable, "the answer was lost")
    default: return Array(answer.utf8)
    }
  }
}

extension FakeServers.Content {
  fileprivate mutating func answer(to request: DeployRequest) throws(Fault) -> String {
    let path = request.path
    let isRead = request.method == "GET"
    let owner = request.client ?? ""
    switch (path.count > 1 ? path[1] : path[0], path.count) {
    case ("readyz", 1): return "ready"
    case ("session", 2):
      let shown = key.map { "\"client\":\"\($0.client)\",\"scopes\":[\"\($0.scopes)\"],\"key\":\"k\"" }
      return "{\(shown ?? "\"client\":\"local\",\"scopes\":[\"admin\"]")}"
    case ("models", 2): return modelsJSON
    case ("pipelines", 3): return try pipeline(path[2], request)
    case ("pipelines", 2): return "[" + pipelines.sorted().map { "{\"name\":\"\($0)\"}" }.joined(separator: ",") + "]"
    case ("models", 5): return try alias("\(path[2])/\(path[4])", request)
    case ("streams", 2) where isRead: return "[\(list(streams, owner, streamJSON))]"
    case ("streams", 3): return try Self.change(&streams, "\(owner)/\(path[2])", request)
    case ("targets", 2) where isRead: return "{\"targets\":[\(list(targets, owner, targetJSON))]}"
    case ("targets", 3):
      guard !configured.contains(path[2]) else { throw Fault(.conflict, "it stands in the configuration") }
      return try Self.change(&targets, "\(owner)/\(path[2])", request)
    case ("search", 3) where isRead: return "{\"alerts\":[\(list(alerts, owner) { json($1, $0, "name") })]}"
    case ("search", 3): return try addAlert(owner, request)
    case ("search", 4): return try Self.change(&alerts, "\(owner)/\(path[3])", request)
    default: throw Fault(.notFound, "there is no /\(path.joined(separator: "/"))")
    }
  }

  private func list(
    _ things: [String: [String: String]], _ owner: String, _ json: (String, [String: String]) -> String
  ) -> String {
    things.filter { $0.key.hasPrefix(owner + "/") }.sorted { $0.key < $1.key }
      .map { json(String($0.key.dropFirst(owner.count + 1)), $0.value) }.joined(separator: ",")
  }

  private func json(_ body: [String: String], _ name: String, _ key: String) -> String {
    let members = body.filter { $0.key != key }.map { "\"\($0.key)\":\($0.value)" } + ["\"\(key)\":\"\(name)\""]
    return "{\(members.joined(separator: ","))}"
  }

  private func streamJSON(_ name: String, _ body: [String: String]) -> String {
    var shown = body
    for key in ["source", "view"] { shown[key] = shown[key].map { FakeServers.shown($0) } }
    shown["owner"] = "\"local\""
    shown["state"] = "\"\(states[name] ?? "live")\""
    return json(shown, name, "name")
  }

  private func targetJSON(_ name: String, _ body: [String: String]) -> String {
    var shown = body.filter { !["secret", "user", "password"].contains($0.key) }
    shown["configured"] = "\(configured.contains(name))"
    return json(shown, name, "target")
  }

  private var modelsJSON: String {
    let all = models.sorted { $0.key < $1.key }.map { model, versions in
      let list = versions.sorted { $0.key < $1.key }.map {
        "{\"version\":\"\($0.key)\",\"state\":\"\($0.value)\",\"reason\":\"r\",\"digest\":\"sha256:\(model)\($0.key)\"}"
      }
      let pointed = aliases.filter { $0.key.hasPrefix(model + "/") }.map {
        "\"\($0.key.split(separator: "/")[1])\":\"\($0.value)\""
      }
      return
        "{\"name\":\"\(model)\",\"versions\":[\(list.joined(separator: ","))],\"aliases\":{\(pointed.joined(separator: ","))}}"
    }
    return "[\(all.joined(separator: ","))]"
  }

  private mutating func alias(_ name: String, _ request: DeployRequest) throws(Fault) -> String {
    let model = String(name.split(separator: "/")[0])
    guard request.method == "PUT" else {
      guard aliases.removeValue(forKey: name) != nil else { throw Fault(.notFound, "no such alias") }
      return ""
    }
    let version = try Self.body(request)["version"].map { String($0.dropFirst().dropLast()) } ?? ""
    guard models[model]?[version] == "ready" else { throw Fault(.notFound, "no version that is ready") }
    aliases[name] = version
    return ""
  }

  private mutating func pipeline(_ name: String, _ request: DeployRequest) throws(Fault) -> String {
    if request.method == "PUT" {
      documents[name] = try Self.body(request)["document"]
      pipelines.insert(name)
    }
    guard let document = documents[name] else { throw Fault(.notFound, "no such file") }
    guard request.method == "DELETE" else { return "{\"name\":\"\(name)\",\"document\":\(document)}" }
    documents[name] = nil
    pipelines.remove(name)
    return ""
  }

  private mutating func addAlert(_ owner: String, _ request: DeployRequest) throws(Fault) -> String {
    var body = try Self.body(request)
    let name = body.removeValue(forKey: "name").map { String($0.dropFirst().dropLast()) } ?? ""
    let key = "\(owner)/\(name)"
    if let old = alerts[key], old != body { throw Fault(.conflict, "there is another alert of this name") }
    alerts[key] = body
    return "{}"
  }

  private static func change(
    _ things: inout [String: [String: String]], _ key: String, _ request: DeployRequest
  ) throws(Fault) -> String {
    guard request.method == "PUT" else {
      guard things.removeValue(forKey: key) != nil else { throw Fault(.notFound, "it is not there") }
      return ""
    }
    things[key] = try body(request)
    return "{}"
  }

  /// Each value as JSON.
  private static func body(_ request: DeployRequest) throws(Fault) -> [String: String] {
    guard let json = request.json, let root = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
    else { throw Fault(.badInput, "the body is no object") }
    return root.mapValues { value in
      let data = try? JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
      return String(decoding: data ?? Data(), as: UTF8.self)
    }
  }
}

extension FakeServers {
  /// Without what stands in front of an `@`, and without a query.
  static func shown(_ text: String) -> String {
    var text = text
    if let at = text.lastIndex(of: "@"), let colon = text.range(of: "://") {
      text = String(text[..<colon.upperBound] + text[text.index(after: at)...])
    }
    guard let mark = text.firstIndex(of: "?") else { return text }
    return text[..<mark] + "?…" + (text.hasSuffix("\"") ? "\"" : "")
  }
}
