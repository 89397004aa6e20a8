/// The head of a request: what is asked for, by whom.
public final class Request: Sendable {
  public enum Version: Sendable, Hashable {
    case http1_0, http1_1, http2
  }

  /// In capitals: `GET`.
  public let method: String
  /// As it was sent, before any `?`; not decoded.
  public let path: String
  /// Behind the first `?`, not decoded; `nil` without one.
  public let query: String?
  public let version: Version
  /// The client's address, without its port.
  public let peer: String
  /// What counts as one client where it shows no key: its IPv4 address, or its /64 of IPv6.
  public let origin: String
  /// Whether it came over TLS.
  public let isSecure: Bool
  /// Whether the client's own connection is over TLS: the one to this server, or, as a trusted proxy says, the one to that.
  public let isSecureForClient: Bool
  /// SHA-256 of the public key (SubjectPublicKeyInfo, DER) that the client has proved to hold, 32 bytes; `nil` where it showed no certificate,
  /// and where none is asked for (``ServerOptions/TLS/asksClients``).
  public let clientKey: [UInt8]?
  /// When the head was complete, in nanoseconds of the system's monotonic clock.
  public let receivedAt: UInt64
  private let fields: HeaderFields
  private let number: RequestNumber

  init(
    method: String, target: String, version: Version, fields: HeaderFields, peer: Peer, isSecure: Bool,
    isSecureForClient: Bool, clientKey: [UInt8]? = nil, receivedAt: UInt64
  ) {
    (self.method, self.version, self.fields) = (method, version, fields)
    (self.peer, origin, self.isSecure, self.receivedAt) = (peer.address, peer.originText, isSecure, receivedAt)
    (self.isSecureForClient, self.clientKey) = (isSecureForClient, clientKey)
    number = RequestNumber.next()
    if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
      path = String(target[..<mark])
      query = String(target[target.utf8.index(after: mark)...])
    } else {
      (path, query) = (target, nil)
    }
  }

  /// A name that no other request of this server has, for answers and logs.
  public var id: String { number.text }

  /// The value of the first header of that name, whose case does not matter.
  public func header(_ name: String) -> String? { fields.first(name) }

  /// How many headers it has.
  var headerCount: Int { fields.count }

  /// The values of all headers of that name, in the order they came in.
  public func headers(_ name: String) -> [String] { fields.all(name) }
}
