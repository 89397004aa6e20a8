internal import Base
internal import Objects

/// Where a centre is asked, and the key that it is shown.
public struct CentreAddress: Sendable {
  /// `http` or `https`, without a `/` at its end.
  public var text: String
  /// For people.
  public var host: String
  public var key: String?
  /// A file of certificates to trust in place of the system's.
  public var authorities: String?
  /// Nanoseconds for which a centre that does not answer is asked again, before it is given up.
  public var patience: UInt64 = 10_000_000_000

  public init(_ text: String, host: String, key: String? = nil, authorities: String? = nil) {
    (self.text, self.host, self.key, self.authorities) = (text, host, key, authorities)
  }

  /// A request to it; `path` begins with `/`.
  func request(_ method: String, _ path: String, headers: [(name: String, value: String)] = []) -> ServerRequest {
    var request = ServerRequest(method, text + path)
    if let key { request.headers.append(("Authorization", "Bearer \(key)")) }
    request.headers += headers
    return request
  }

  /// A word of a path (RFC 3986).
  static func encoded(_ word: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
    return word.utf8.map { plain.contains($0) ? String(Unicode.Scalar($0)) : "%" + Hex.text([$0]).uppercased() }
      .joined()
  }
}
