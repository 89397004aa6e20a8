public import Base

/// Where a centre's door for nodes is: `https://centre.example:8444`.
public struct CentreAddress: Sendable, Hashable {
  /// With its port, without a `/` at its end.
  public let text: String

  public static let usualPort = 8444

  /// Reads an address of https; its port is 8444 where it has none.
  ///
  /// - Throws: `usage` for any other text.
  public init(_ text: String) throws(Fault) {
    let unfit = Fault(
      .usage,
      "'\(text.prefix(100))' is no address of a centre's door, expected https://HOST:PORT, such as https://centre.example:8444"
    )
    guard text.lowercased().hasPrefix("https://") else {
      guard text.lowercased().hasPrefix("http://") else { throw unfit }
      throw Fault(.usage, "a node speaks with its centre over https alone, not over '\(text.prefix(100))'")
    }
    var authority = text.dropFirst("https://".utf8.count)
    while authority.last == "/" { authority.removeLast() }
    guard !authority.isEmpty, authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
      !authority.contains(where: { "/?#@\\\"<>".contains($0) })
    else { throw unfit }
    let digits =
      authority.hasSuffix("]") ? nil : authority.lastIndex(of: ":").map { authority[authority.index(after: $0)...] }
    guard let digits else {
      self.text = "https://\(authority):\(Self.usualPort)"
      return
    }
    guard let port = Int(digits), (1...65_535).contains(port), authority.first != ":" else { throw unfit }
    self.text = "https://\(authority)"
  }
}
