internal import Base
internal import Redis

/// What a Redis server keeps of what it has answered, at a loss of power or of the process.
public enum RedisDurability: Sendable, Hashable {
  /// All (`appendfsync always`).
  case all
  /// All but the last second or two of a loss of power (`appendfsync everysec`).
  case allButSeconds
  /// What the system had written by itself at a loss of power (`appendfsync no`).
  case allButUnwritten
  /// As much, but only while the server writes its log anew (`no-appendfsync-on-rewrite yes`).
  case allButUnwrittenAtTimes
  /// Changes since the last snapshot are lost with the process (`appendonly no`).
  case snapshots
  /// All of what outlives the process; the server does not tell how often it syncs.
  case untold

  /// For a log, at start.
  public var sentence: String {
    switch self {
    case .all: "Redis keeps every task that was added, also at a loss of power (appendfsync always)"
    case .allButSeconds:
      "Redis may lose the last two seconds at a loss of power (appendfsync everysec): tasks that were added then are to be added again"
    case .allButUnwritten:
      "Redis may lose the last half minute at a loss of power (appendfsync no): tasks that were added then are to be added again"
    case .allButUnwrittenAtTimes:
      "Redis syncs nothing while it writes its log anew, and may lose half a minute then: set no-appendfsync-on-rewrite no"
    case .snapshots:
      "Redis keeps no log (appendonly no): when it ends, all since its last snapshot is lost; set appendonly yes, appendfsync always"
    case .untold:
      "Redis keeps a log, but does not tell how often it is synced: look at appendfsync, or allow CONFIG GET"
    }
  }

  init(_ client: RedisClient) throws(Fault) {
    let facts = Self.facts(try client.call(["INFO"]).string ?? "")
    let place = client.address.description
    let version = facts["redis_version"] ?? "0"
    guard let major = Int(version.prefix { $0 != "." }), major >= 7 else {
      throw Fault(.unsupported, "\(place): this is Redis \(version): a bus needs 7 or newer")
    }
    let policy = facts["maxmemory_policy"] ?? "noeviction"
    guard policy == "noeviction" else {
      throw Fault(
        .badInput,
        "\(place): Redis may throw tasks away to have room (maxmemory-policy \(policy)): set maxmemory-policy noeviction"
      )
    }
    guard facts["aof_enabled"] != "0" else {
      self = .snapshots
      return
    }
    let syncing = Self.syncing(try Self.setting("appendfsync", client))
    let pauses = try Self.setting("no-appendfsync-on-rewrite", client) == "yes"
    self = pauses && [.all, .allButSeconds].contains(syncing) ? .allButUnwrittenAtTimes : syncing
  }

  private static func syncing(_ value: String?) -> RedisDurability {
    switch value {
    case "always": .all
    case "everysec": .allButSeconds
    case "no": .allButUnwritten
    default: .untold
    }
  }

  private static func facts(_ text: String) -> [String: String] {
    var facts: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
    }
    return facts
  }

  /// `nil` where the server does not tell.
  private static func setting(_ name: String, _ client: RedisClient) throws(Fault) -> String? {
    do throws(Fault) {
      return try client.call(["CONFIG", "GET", name]).elements?.last?.string
    } catch {
      guard [.denied, .unsupported, .bug].contains(error.kind) else { throw error }
      return nil
    }
  }
}
