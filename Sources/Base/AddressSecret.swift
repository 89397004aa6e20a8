/// Whether an address has a password in it.
public enum AddressSecret {
  private static let keys: Set<String> = ["password", "sslpassword"]

  /// Told of whatever stands behind `://`: `user:password@` wherever it ends, and the keys `password` and `sslpassword` of a query.
  ///
  /// A password may hold `/` and `?`, so a port with an `@` somewhere behind it counts as one too: such an `@` is written `%40`.
  /// A user alone is no secret: `postgres://ridley@db/ridley`; the key of a server in its place is: `https://rk_…@host`.
  public static func hasPassword(_ text: String) -> Bool {
    guard let start = text.firstRange(of: "://") else { return false }
    let rest = text[start.upperBound...]
    if let end = rest.lastIndex(of: "@"), rest[..<end].contains(":") || rest.hasPrefix("rk_") { return true }
    guard let query = rest.firstIndex(of: "?") else { return false }
    return rest[query...].split(whereSeparator: { "?&;#".contains($0) })
      .contains { keys.contains(plain($0.prefix { $0 != "=" }).lowercased()) }
  }

  /// With `%70` as the letter that it stands for, as libpq reads keys too.
  private static func plain(_ text: Substring) -> String {
    var (bytes, rest) = ([UInt8](), text.utf8[...])
    while let byte = rest.popFirst() {
      if byte == 0x25, rest.count > 1, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
