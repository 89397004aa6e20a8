public import Base
public import Items
internal import JSON

extension DeliveryTarget {
  private enum Key: String, CaseIterable {
    case target, owner, address, secret, user, password, `private`, since, kinds, streams, rules, labels, phases, topic
    case discovery, configured, pause, kind
  }

  /// The body of its item, with its secrets.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      write(into: &json)
      json.field("private", reachesPrivate)
      json.field("secret", ifKnown: credentials.secret)
      json.field("user", ifKnown: credentials.user)
      json.field("password", ifKnown: credentials.password)
    }
  }

  /// The members that are its JSON on every surface: no secrets; `shown` stands for an address that is one.
  public func write(into json: inout JSONWriter, address shown: String? = nil) {
    json.field("target", name)
    json.field("owner", client)
    json.field("kind", kind.rawValue)
    json.field("address", shown ?? address)
    json.field("since", CompositeKey.time(milliseconds: created))
    json.field("kinds", selection.kinds.map(\.rawValue))
    json.field("streams", selection.streams)
    json.field("rules", selection.rules)
    json.field("labels", selection.labels)
    json.field("phases", selection.phases.map(\.rawValue))
    if kind == .mqtt {
      json.field("topic", topic)
      json.field("discovery", announces)
    }
    json.field("configured", isConfigured)
    json.field("pause", ifKnown: pause)
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      client: try fields.required(.owner).string(), name: try fields.required(.target).string(),
      address: try fields.required(.address).string(), created: try fields.required(.since).moment())
    credentials.secret = try fields[.secret]?.string()
    (credentials.user, credentials.password) = (try fields[.user]?.string(), try fields[.password]?.string())
    reachesPrivate = try fields.required(.private).bool()
    for value in try fields.required(.kinds).elements() { selection.kinds.append(try value.choice()) }
    for value in try fields.required(.streams).elements() { selection.streams.append(try value.string()) }
    for value in try fields.required(.rules).elements() { selection.rules.append(try value.string()) }
    for value in try fields.required(.labels).elements() { selection.labels.append(try value.string()) }
    selection.phases = []
    for value in try fields.required(.phases).elements() { selection.phases.append(try value.choice()) }
    if let value = fields[.topic] { topic = try value.string() }
    if let value = fields[.discovery] { announces = try value.bool() }
    isConfigured = try fields.required(.configured).bool()
    pause = try fields[.pause]?.string()
  }
}
