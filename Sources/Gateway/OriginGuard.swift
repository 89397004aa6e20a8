internal import Base

/// What keeps the pages of other sites away from a server that asks for no key, and from the sessions of one that does.
///
/// A browser on this machine reaches such a server for whatever page it shows. A name that another site lets point here (DNS
/// rebinding) is known by its `Host`; a form or script of another site by its `Origin`. Programs send no `Origin`.
enum OriginGuard {
  /// Why a request without a key does not come in.
  enum Stranger: Sendable, Hashable {
    case foreignName(String)
    case foreignPage(String)
    case pageWithSession(String)

    var fault: Fault {
      switch self {
      case .foreignName(let host):
        Fault(
          .denied,
          "this server asks for no key, so it answers only to this machine's own name and not to '\(host)': use http://127.0.0.1 with its port, or start it with --keys"
        )
      case .foreignPage(let origin):
        Fault(
          .denied,
          "this server asks for no key, so a page of \(origin) may not use it: start it with --keys, and send one")
      case .pageWithSession(let origin):
        Fault(
          .denied,
          "a page of \(origin) may not use a session of this server: open the server's own page (a proxy before it must keep the Host header)"
        )
      }
    }
  }

  /// What is wrong with a request without a key, by its two headers; `nil` for one that may come in.
  static func stranger(host: String?, origin: String?) -> Stranger? {
    guard let host else { return nil }
    guard Authority.isThisMachine(host) else { return .foreignName(host) }
    guard let origin else { return nil }
    return isSame(origin, host) ? nil : .foreignPage(origin)
  }

  /// What is wrong with a request that shows a session's cookie, which a browser sends by itself; `nil` for one that may come in.
  ///
  /// Other sites' pages are known by their `Origin`. Cookies stay with the name they were set for, so any may be this server's.
  static func stranger(toSessionAt host: String?, origin: String?) -> Stranger? {
    guard let origin else { return nil }
    return isSame(origin, host ?? "") ? nil : .pageWithSession(origin)
  }

  private static func isSame(_ origin: String, _ host: String) -> Bool {
    let authority = ["http://", "https://"].first { origin.hasPrefix($0) }.map { origin.dropFirst($0.count) }
    return authority.map(String.init)?.lowercased() == host.lowercased()
  }
}
