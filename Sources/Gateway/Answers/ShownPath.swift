public import Web

extension Request {
  /// The path as logs and traces may have it: of a link its route alone, since who has the token sees what the link shows.
  ///
  /// What the path itself says decides, whatever answers it: a wrong method, a wrong ending, other capitals, a prefix that a proxy
  /// left there, or percent-encoding give no token away.
  public func shownPath(_ route: String?) -> String { Self.shown(path, route) }

  static func shown(_ path: String, _ route: String?) -> String {
    let words = path.split(separator: "/").flatMap {
      (PercentCoding.decode($0) ?? $0).lowercased().split(separator: "/")
    }
    let isLink = zip(words, words.dropFirst()).contains { $0 == "v1" && $1 == "shared" }
    return isLink ? route ?? "/v1/shared/" : path
  }
}
