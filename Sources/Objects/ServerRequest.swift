/// A request to an HTTP server.
public struct ServerRequest: Sendable {
  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// A part of a file, which is read while it is sent.
    case file(String, Range<Int>)

    var byteCount: Int? {
      switch self {
      case .none: nil
      case .bytes(let bytes): bytes.count
      case .file(_, let range): range.count
      }
    }
  }

  /// Who asks; the server says first how it wants to be told.
  public struct Login: Sendable, Hashable {
    public var user: String
    public var password: String
    /// The server is known to take no digest: it is told in the open, without being asked.
    public var isPlain = false

    public init(user: String, password: String) { (self.user, self.password) = (user, password) }
  }

  public var method: String
  /// Of `http` or `https`.
  public var address: String
  public var headers: [(name: String, value: String)] = []
  public var body = Body.none
  public var login: Login?
  /// The whole answer is there within so long, or the request has failed; `nil` where the connection's limits say it.
  public var milliseconds: Int?
  /// The path is sent as it stands, with points that would lead upwards: what is signed is not to be changed.
  public var keepsPath = false

  public init(_ method: String, _ address: String) { (self.method, self.address) = (method, address) }
}

/// What a server answered, whatever its status.
public struct ServerAnswer: Sendable {
  public internal(set) var status = 0
  public internal(set) var headers: [(name: String, value: String)] = []
  /// Empty where it went into a sink.
  public internal(set) var body: [UInt8] = []

  /// The value of the last header of this name, in any spelling.
  public subscript(_ name: String) -> String? {
    headers.last { $0.name.lowercased() == name.lowercased() }?.value
  }
}
