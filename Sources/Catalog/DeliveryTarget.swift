internal import Items

/// Where it is told what happens in a client's streams: a webhook, or a broker of MQTT.
public struct DeliveryTarget: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable { case webhook, mqtt }

  public let client: String
  public let name: String
  /// `https://…` or `http://…` of a webhook, `mqtts://HOST:PORT` or `mqtt://HOST:PORT` of a broker.
  public var address: String
  /// What a webhook is signed with, and who a broker is told asks; `nil` in items where the configuration has them.
  public var credentials = Credentials()
  /// It may be an address of this machine or of a local network.
  public var reachesPrivate = false
  /// Milliseconds since 1970; what happened before is not told by itself.
  public var created: Int
  public var selection = Selection()
  /// What topics of a broker begin with.
  public var topic = Self.usualTopic
  /// A broker is told of each stream as Home Assistant discovers devices.
  public var announces = false
  /// It stands in the configuration of a server.
  public var isConfigured = false
  /// Why nothing is told at the moment.
  public var pause: String?

  public init(client: String, name: String, address: String, created: Int) {
    (self.client, self.name, self.address, self.created) = (client, name, address, created)
  }

  /// Scheme, host and port of its address, and nothing behind them.
  public var origin: String {
    let scheme = address.prefix { $0 != ":" }
    let rest = address.dropFirst(scheme.count + "://".count)
    return "\(scheme)://\(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })"
  }

  public var kind: Kind { address.hasPrefix("mqtt") ? .mqtt : .webhook }

  public static let usualTopic = "ridley"
  /// The most of one client.
  public static let mostOfClient = 20

  public struct Credentials: Sendable, Hashable {
    public var secret: String?
    public var user: String?
    public var password: String?

    public init() {}
  }

  /// What is told; an empty list is all.
  public struct Selection: Sendable, Hashable {
    public var kinds: [StreamEvent.Kind] = []
    public var streams: [String] = []
    public var rules: [String] = []
    public var labels: [String] = []
    public var phases: [Notice.Phase] = [.start, .end]

    public init() {}

    public func wants(_ event: StreamEvent, _ phase: Notice.Phase) -> Bool {
      func has(_ names: [String], _ name: String?) -> Bool {
        names.isEmpty || name.map { name in names.contains { $0.hasSameBytes(as: name) } } ?? false
      }
      guard kinds.isEmpty || kinds.contains(event.kind) else { return false }
      // An alert has no phases but its only one.
      guard phases.contains(phase) || event.kind == .alert else { return false }
      let isOfStream = has(streams, event.stream)
      return switch event.kind {
      case .event: isOfStream && has(rules, event.rule) && has(labels, event.label)
      case .health: isOfStream || event.isOfServer
      case .drift: isOfStream
      case .alert: (isOfStream || event.isOfServer) && has(rules, event.rule) && has(labels, event.label)
      }
    }
  }

  /// Whether what changed is told: it is of its client, wanted, and no older than the target.
  public func wants(_ event: StreamEvent, _ phase: Notice.Phase) -> Bool {
    client.hasSameBytes(as: event.client) && event.updated >= created && selection.wants(event, phase)
  }
}

extension StreamEvent {
  /// The stream of what is about the server itself; no stream has such a name.
  public static let serverStream = ".server"

  public var isOfServer: Bool { stream == Self.serverStream }
}
