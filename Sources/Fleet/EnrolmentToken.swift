internal import Base
internal import Crypto
internal import Items
internal import JSON

/// What a new token is asked to be.
public struct TokenRequest: Sendable, Hashable {
  public var name: NodeName
  /// Whose the node will be.
  public var client: String
  public var groups: [String]
  public var tags: [String]
  /// For how long it can be used.
  public var seconds: Double

  public static let usualSeconds = 24.0 * 3600
  public static let seconds = 60.0...30 * 24 * 3600

  public init(
    name: NodeName, client: String, groups: [String] = [], tags: [String] = [], seconds: Double = Self.usualSeconds
  ) {
    (self.name, self.client, self.groups, self.tags, self.seconds) = (name, client, groups, tags, seconds)
  }
}

/// A token by which one node comes into the fleet, once: all that is kept of it, and that is not its secret.
public struct EnrolmentToken: Sendable, Hashable {
  public let name: NodeName
  public let client: String
  public let groups: [String]
  public let tags: [String]
  /// SHA-256 of its secret, as hexadecimal digits.
  let hash: String
  /// The first moment at which it is not taken any more, in milliseconds since 1970.
  public let expires: Int
  /// The key that came in by it.
  public internal(set) var usedBy: String?

  init(_ request: TokenRequest, secret: [UInt8], at now: Int) {
    (name, client, groups, tags) = (request.name, request.client, request.groups, request.tags)
    (hash, expires) = (Self.hash(of: secret), now + Int(request.seconds * 1000))
  }

  func isOf(_ secret: [UInt8]) -> Bool { Secret.isEqual(Array(hash.utf8), Array(Self.hash(of: secret).utf8)) }

  private static func hash(of secret: [UInt8]) -> String { SHA256.hex(of: secret) }

  private enum Key: String, CaseIterable {
    case node, holder, groups, tags, hash, expires
    case usedBy = "used_by"
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      json.field("node", name.text)
      json.field("holder", client)
      json.field("groups", groups)
      json.field("tags", tags)
      json.field("hash", hash)
      json.field("expires", CompositeKey.time(milliseconds: expires))
      json.field("used_by", ifKnown: usedBy)
    }
  }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    name = try NodeName(try fields.required(.node).string())
    client = try fields.required(.holder).string()
    (groups, tags) = (try fields.required(.groups).texts(), try fields.required(.tags).texts())
    (hash, expires) = (try fields.required(.hash).string(), try fields.required(.expires).time())
    usedBy = try fields[.usedBy]?.string()
  }
}
