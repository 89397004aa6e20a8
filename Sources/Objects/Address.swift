internal import Base

/// The parts of an address that a fault may show: host and path, never a user, a password or a query.
struct Address: Sendable {
  let whole: String
  let scheme: String
  let host: String
  /// Host and path; for a file its path.
  let shown: String

  init(_ whole: String) {
    self.whole = whole
    guard let colon = whole.firstRange(of: "://") else {
      (scheme, host, shown) = ("", "", whole)
      return
    }
    scheme = whole[..<colon.lowerBound].lowercased()
    let rest = whole[colon.upperBound...].prefix { $0 != "?" && $0 != "#" }
    let authority = rest.prefix { $0 != "/" }
    let server = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
    host = String(server)
    shown = String(server + rest.dropFirst(authority.count))
  }
}
