internal import Access
internal import Base

/// How keys travel over HTTP (RFC 6750): the header they come in, and the answer to one that may not pass.
enum BearerKey {
  /// The key in an `Authorization` header; `nil` for other kinds of credentials.
  static func read(authorization header: String?) -> String? {
    guard let parts = header?.split(separator: " "), parts.count == 2, parts[0].lowercased() == "bearer" else {
      return nil
    }
    return String(parts[1])
  }
}

extension Failure {
  /// The status of a denial, with the header fields that belong to it: how to show a key, when to come again.
  init(_ denial: Denial) {
    let challenge = "Bearer realm=\"ridley\""
    switch denial {
    case .noKey:
      let fault = Fault(
        .denied,
        "this needs a key: send 'Authorization: Bearer rk_…', which 'ridley key create' on the server gives out")
      self.init(401, fault, headers: [("WWW-Authenticate", challenge)])
    case .unknownSession:
      self.init(401, denial.fault, headers: [("WWW-Authenticate", challenge)])
    case .noToken:
      let fault = Fault(
        .denied,
        "this changes something and was asked with a session's cookie: send the session's csrf in \(SessionCookie.tokenHeader), which GET /v1/session tells"
      )
      self.init(403, fault)
    case .unknownKey, .expired:
      self.init(401, denial.fault, headers: [("WWW-Authenticate", "\(challenge), error=\"invalid_token\"")])
    case .scopeMissing(let scope, _):
      let error = "error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
      self.init(403, denial.fault, headers: [("WWW-Authenticate", "\(challenge), \(error)")])
    case .tooFast:
      self.init(429, denial.fault, retryAfter: Double(denial.retryAfter))
    }
  }
}
