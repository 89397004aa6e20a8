/// What an object is called: the SHA-256 of its bytes, as 64 hexadecimal digits in lower case.
public struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let digest: String

  /// `nil` for any other text.
  public init?(_ digest: String) {
    let isDigit = { (byte: UInt8) in "0123456789abcdef".utf8.contains(byte) }
    guard digest.utf8.count == 64, digest.utf8.allSatisfy(isDigit) else { return nil }
    self.digest = digest
  }

  public var description: String { digest }
  public static func < (a: ObjectName, b: ObjectName) -> Bool { a.digest < b.digest }

  /// Which of 256 parts it stands in: its first two digits.
  public var shard: String { String(digest.prefix(2)) }

  public static let shards = (0..<256).map { number in
    let digits = String(number, radix: 16)
    return number < 16 ? "0" + digits : digits
  }
}
