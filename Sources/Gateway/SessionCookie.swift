internal import Access
internal import Web

/// How sessions travel over HTTP (RFC 6265): the cookie they come in, and the header that proves whose page asks.
enum SessionCookie {
  static let name = "ridley_session"
  static let tokenHeader = "X-CSRF-Token"

  /// The session in the `Cookie` headers of a request, of which HTTP/2 may send several; the first, where there are more.
  static func read(_ headers: [String]) -> String? {
    for pair in headers.flatMap({ $0.split(separator: ";") }) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
      return String(parts[1].drop { $0 == " " }.prefix { $0 != " " })
    }
    return nil
  }

  /// The header that has a browser keep a session for so many seconds; no script sees it, and no other site's page sends it.
  static func header(_ text: String, seconds: Int, isSecure: Bool) -> (String, String) {
    let secure = isSecure ? "; Secure" : ""
    return ("Set-Cookie", "\(name)=\(text); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)")
  }

  /// The header that has a browser forget it.
  static func removal(isSecure: Bool) -> (String, String) { header("", seconds: 0, isSecure: isSecure) }
}

extension Credential {
  /// What a request shows: `Authorization` goes before the cookie.
  init(_ request: Request) {
    if let key = BearerKey.read(authorization: request.header("authorization")) {
      self = .key(key)
    } else if let session = SessionCookie.read(request.headers("cookie")) {
      let changes = !["GET", "HEAD"].contains(request.method)
      self = .session(session, changes ? .token(request.header(SessionCookie.tokenHeader)) : .notNeeded)
    } else {
      self = .none
    }
  }
}
