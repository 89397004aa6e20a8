import TestKit

/// A blueprint for three servers that changes at random, with what servers shall have of it.
struct RandomSite {
  static let servers = ["a", "b", "c"]
  private static let names = (0..<5).map { "n\($0)" }

  /// By `SERVER/NAME`.
  private(set) var streams: [String: (source: String, isSecret: Bool, budget: Int, pipeline: String?)] = [:]
  private(set) var targets: [String: (secret: String, labels: [String])] = [:]
  private(set) var alerts: [String: String] = [:]
  /// By `SERVER/ALIAS`, of the model `inspector`.
  private(set) var aliases: [String: Int] = [:]

  mutating func change(_ dice: inout SeededRandom) {
    for _ in 0..<Int.random(in: 1...4, using: &dice) { changeOne(&dice) }
  }

  private mutating func changeOne(_ dice: inout SeededRandom) {
    let (server, name) = (Self.servers.randomElement(using: &dice)!, Self.names.randomElement(using: &dice)!)
    let goes = Int.random(in: 0..<3, using: &dice) == 0
    let number = Int.random(in: 0..<3, using: &dice)
    switch Int.random(in: 0..<4, using: &dice) {
    case 0:
      let isSecret = Bool.random(using: &dice)
      // A name is that of one server: a stream is moved with it.
      for other in Self.servers { streams["\(other)/\(name)"] = nil }
      guard !goes else { return }
      streams["\(server)/\(name)"] = (
        isSecret ? "rtsp://u:p\(number)@camera/\(name)" : "rtsp://camera/\(name)\(number)", isSecret,
        [100, 250, 400][Int.random(in: 0..<3, using: &dice)],
        [nil, "dock", "line"][Int.random(in: 0..<3, using: &dice)]
      )
    case 1:
      for other in Self.servers { targets["\(other)/\(name)"] = nil }
      if !goes { targets["\(server)/\(name)"] = ("s\(number)", Array(["x", "y"].prefix(number))) }
    case 2:
      for other in Self.servers { alerts["\(other)/\(name)"] = nil }
      if !goes { alerts["\(server)/\(name)"] = "person \(number)" }
    default:
      // The same alias on one server or on several.
      aliases["\(server)/\(name)"] = goes ? nil : 1 + number
    }
  }

  /// The document, and the files of its secrets.
  var text: (yaml: String, secrets: [String: String]) {
    var secrets: [String: String] = [:]
    var yaml = "servers:\n" + Self.servers.map { "  \($0): {address: 'http://\($0)'}\n" }.joined()
    let part = { (text: String, words: [String]) in words.isEmpty ? "" : "\(text):\n" + words.sorted().joined() }
    yaml += part(
      "streams",
      streams.map { key, stream in
        let (server, name) = Self.parts(key)
        if stream.isSecret { secrets["stream-\(name)"] = stream.source }
        let source = stream.isSecret ? "{secret: 'file:stream-\(name)'}" : "'\(stream.source)'"
        let pipeline = stream.pipeline.map { ", pipeline: \($0)" } ?? ""
        return "  \(name): {server: \(server), source: \(source), budget: \(stream.budget)ms\(pipeline)}\n"
      })
    yaml += part(
      "targets",
      targets.map { key, target in
        let (server, name) = Self.parts(key)
        secrets["target-\(name)"] = target.secret
        return
          "  \(name): {server: \(server), address: 'https://x/\(name)', secret: 'file:target-\(name)', labels: [\(target.labels.joined(separator: ", "))]}\n"
      })
    yaml += part(
      "alerts",
      alerts.map { key, query in
        "  \(Self.parts(key).1): {server: \(Self.parts(key).0), query: '\(query)'}\n"
      })
    yaml += aliasText
    return (yaml, secrets)
  }

  /// Aliases of one model are the same on every server that the model names: so each server has a model of its own.
  private var aliasText: String {
    let words = Self.servers.compactMap { server -> String? in
      let own = aliases.filter { $0.key.hasPrefix(server + "/") }.sorted { $0.key < $1.key }
      guard !own.isEmpty else { return nil }
      let list = own.map { "\(Self.parts($0.key).1): \($0.value)" }.joined(separator: ", ")
      return "  inspector-\(server): {server: \(server), aliases: {\(list)}}\n"
    }
    return words.isEmpty ? "" : "models:\n" + words.joined()
  }

  static func parts(_ key: String) -> (String, String) {
    let words = key.split(separator: "/").map(String.init)
    return (words[0], words[1])
  }

  /// What a server shall have besides what others made there, whose names begin with `x`.
  func isMet(by content: FakeServers.Content, of server: String) -> Bool {
    func own<Value>(_ things: [String: Value]) -> [String: Value] { things.filter { !$0.key.contains("/x") } }
    func wanted<Value>(_ things: [String: Value]) -> [String: Value] {
      things.filter { $0.key.hasPrefix(server + "/") }
    }
    let (streams, targets) = (wanted(streams), wanted(targets))
    return own(content.streams).count == streams.count && own(content.targets).count == targets.count
      && own(content.alerts).mapValues { $0["query"] }
        == Dictionary(uniqueKeysWithValues: wanted(alerts).map { ("local/\(Self.parts($0.key).1)", "\"\($0.value)\"") })
      && own(content.aliases)
        == Dictionary(
          uniqueKeysWithValues: wanted(aliases).map { ("inspector-\(server)/\(Self.parts($0.key).1)", "\($0.value)") })
      && streams.allSatisfy { key, stream in
        let body = content.streams["local/\(Self.parts(key).1)"]
        return body?["source"] == "\"\(stream.source)\"" && body?["budget_ms"] == "\(stream.budget)"
          && body?["pipeline"] == stream.pipeline.map { "\"\($0)\"" } && body?["weight"] == "1"
      }
      && targets.allSatisfy { key, target in
        let body = content.targets["local/\(Self.parts(key).1)"]
        return body?["secret"] == "\"\(target.secret)\""
          && body?["labels"] == "[" + target.labels.map { "\"\($0)\"" }.joined(separator: ",") + "]"
      }
  }
}

extension FakeServers.Content {
  /// Others make, change and take away what is theirs.
  mutating func changeForeign(_ dice: inout SeededRandom) {
    let name = "local/x\(Int.random(in: 0..<3, using: &dice))"
    let number = Int.random(in: 0..<9, using: &dice)
    let goes = Bool.random(using: &dice)
    switch Int.random(in: 0..<3, using: &dice) {
    case 0:
      streams[name] =
        goes ? nil : ["source": "\"rtsp://u:p\(number)@camera/x\"", "budget_ms": "\(number)", "weight": "1"]
    case 1: alerts[name] = goes ? nil : ["query": "\"dog \(number)\""]
    default: aliases["inspector/x\(number)"] = goes ? nil : "1"
    }
  }

  /// Others change what is a blueprint's; whether there was something.
  mutating func changeOwn(_ dice: inout SeededRandom) -> Bool {
    let goes = Bool.random(using: &dice)
    if let key = streams.keys.sorted().filter({ !$0.contains("/x") }).randomElement(using: &dice) {
      if goes {
        streams[key] = nil
      } else {
        streams[key]?["budget_ms"] = ["100", "250", "400", "700"].randomElement(using: &dice)
      }
      return true
    }
    guard let key = aliases.keys.sorted().filter({ !$0.contains("/x") }).randomElement(using: &dice) else {
      return false
    }
    aliases[key] = goes ? nil : aliases[key] == "1" ? "2" : "1"
    return true
  }

  /// What is not a blueprint's.
  var foreign: FakeServers.Content {
    var rest = self
    rest.streams = streams.filter { $0.key.contains("/x") }
    rest.targets = targets.filter { $0.key.contains("/x") }
    rest.alerts = alerts.filter { $0.key.contains("/x") }
    rest.aliases = aliases.filter { $0.key.contains("/x") }
    return rest
  }
}
