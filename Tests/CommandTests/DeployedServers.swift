import Foundation
import TestKit

/// Three servers, a blueprint for them that changes at random, and what servers have of it.
final class DeployedServers {
  /// What a server has, by name: budgets of streams, queries of alerts, addresses of targets, versions of aliases.
  struct Content: Equatable {
    var streams: [String: Int] = [:]
    var alerts: [String: String] = [:]
    var targets: [String: String] = [:]
    var aliases: [String: String] = [:]
  }

  static let names = ["a", "b", "c"]
  /// What others made, on every server.
  static let foreign = Content(streams: ["foreign": 250], alerts: ["foreign": "label:cat"])

  let folder = TemporaryFolder()
  private(set) var servers: [String: LibraryServer] = [:]
  var wanted: [String: Content]

  init() throws {
    wanted = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, Content(aliases: ["live": "1"])) })
    for name in Self.names {
      let place = TemporaryFolder()
      try Data("films: [.]\n".utf8).write(to: URL(filePath: place.file("serve.yaml")))
      for version in ["1", "2"] {
        let network = place.file("models/sums/\(version)")
        try FileManager.default.createDirectory(atPath: network, withIntermediateDirectories: true)
        try SumNetwork.write(to: "\(network)/net")
      }
      let server = try LibraryServer(place, ["--config", "serve.yaml", "--workers", "0"])
      servers[name] = server
      try server.clip("film.mp4")
      _ = put("streams/foreign", #"{"source":"film.mp4?loop=1"}"#, on: name)
      _ = put("search/alerts", #"{"name":"foreign","query":"label:cat"}"#, on: name, "POST")
    }
  }

  @discardableResult
  func put(_ path: String, _ body: String, on name: String, _ method: String = "PUT") -> String {
    let address = servers[name]?.address ?? ""
    return shell(["curl", "-s", "-w", "%{http_code}", "-X", method, "-d", body, "\(address)/v1/\(path)"]).output
  }

  /// What a server says that it has.
  func content(of name: String) -> Content {
    let list = { (path: String) -> Any? in
      let text = shell(["curl", "-s", "\(self.servers[name]?.address ?? "")/v1/\(path)"]).output
      return try? JSONSerialization.jsonObject(with: Data(text.utf8))
    }
    let things = { (path: String, group: String?) -> [[String: Any]] in
      (group.map { (list(path) as? [String: Any])?[$0] } ?? list(path)) as? [[String: Any]] ?? []
    }
    var content = Content()
    for one in things("streams", nil) { content.streams[one["name"] as? String ?? ""] = one["budget_ms"] as? Int }
    for one in things("search/alerts", "alerts") {
      content.alerts[one["name"] as? String ?? ""] = one["query"] as? String
    }
    for one in things("targets", "targets") {
      content.targets[one["target"] as? String ?? ""] = one["address"] as? String
    }
    content.aliases = things("models", nil).first?["aliases"] as? [String: String] ?? [:]
    return content
  }

  var contents: [String: Content] { Dictionary(uniqueKeysWithValues: Self.names.map { ($0, content(of: $0)) }) }

  /// What servers shall have in all.
  var expected: [String: Content] {
    wanted.mapValues { content in
      var all = content
      all.streams.merge(Self.foreign.streams) { $1 }
      all.alerts.merge(Self.foreign.alerts) { $1 }
      return all
    }
  }

  func change(_ dice: inout SeededRandom) {
    for _ in 0..<3 {
      let (server, name) = (Self.names.randomElement(using: &dice)!, "n\(Int.random(in: 0..<3, using: &dice))-")
      let goes = Int.random(in: 0..<3, using: &dice) == 0
      let number = Int.random(in: 1...3, using: &dice)
      switch Int.random(in: 0..<4, using: &dice) {
      case 0: wanted[server]?.streams[name + server] = goes ? nil : number * 100
      case 1:
        wanted[server]?.alerts[name + server] = goes ? nil : ["label:dog", "label:person", "label:bird"][number - 1]
      case 2: wanted[server]?.targets[name + server] = goes ? nil : "https://example.com/\(number)"
      default: wanted[server]?.aliases[number == 3 ? "next" : "live"] = "\(1 + number % 2)"
      }
    }
  }

  /// Writes the blueprint; a model is served by every server and has the aliases of `a`, since it stands there once.
  func write() throws {
    var text = "servers:\n"
    for name in Self.names { text += "  \(name): {address: '\(servers[name]?.address ?? "")'}\n" }
    let aliases = wanted["a"]?.aliases ?? [:]
    for name in Self.names { wanted[name]?.aliases = aliases }
    text +=
      "models:\n  sums: {server: [a, b, c], aliases: {\(aliases.map { "\($0.key): \($0.value)" }.sorted().joined(separator: ", "))}}\n"
    var parts: [String: [String]] = ["streams": [], "alerts": [], "targets": []]
    for (server, content) in wanted {
      for (name, budget) in content.streams {
        parts["streams"]?.append("  \(name): {server: \(server), source: 'film.mp4?loop=1', budget: \(budget)ms}\n")
      }
      for (name, query) in content.alerts {
        parts["alerts"]?.append("  \(name): {server: \(server), query: '\(query)'}\n")
      }
      for (name, address) in content.targets {
        parts["targets"]?.append("  \(name): {server: \(server), address: '\(address)', secret: file:secret}\n")
      }
    }
    for (part, lines) in parts where !lines.isEmpty { text += "\(part):\n" + lines.sorted().joined() }
    try Data(text.utf8).write(to: URL(filePath: folder.file("site.yaml")))
    try Data("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n".utf8).write(to: URL(filePath: folder.file("secret")))
  }

  func deploy(_ words: String...) -> ShellResult { Program.run(["deploy"] + words, in: folder.path) }

  /// An apply that is killed after some seconds, at whatever it is then.
  func applyAndKill(after seconds: Double) {
    _ = shell(["timeout", "-s", "KILL", "\(seconds)", Program.path, "deploy", "apply", "site.yaml"], in: folder.path)
  }
}
