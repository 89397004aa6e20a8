/// Host and port, as a URL and the header `Host` write them.
public enum Authority {
  /// Whether only this machine has the name or address: `127.0.0.0/8`, `::1` and `localhost`; names are not looked up.
  public static func isThisMachine(_ authority: String) -> Bool { isThisMachine(host: host(of: authority)) }

  /// The same of a host without a port, IPv6 without its brackets.
  public static func isThisMachine(host: String) -> Bool {
    if host == "::1" || host.lowercased() == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }

  /// Without the port, and IPv6 without its brackets.
  public static func host(of authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      return String(authority[authority.index(after: authority.startIndex)..<end])
    }
    return String(authority.prefix { $0 != ":" })
  }
}
