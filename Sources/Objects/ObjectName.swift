internal import Base
internal import Crypto

/// What an object is called: the SHA-256 of its bytes, as 64 hexadecimal digits in lower case.
public struct ObjectName: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let digest: String

  /// `nil` for any other text.
  public init?(_ digest: String) {
    guard SHA256.bytes(ofHex: digest) != nil else { return nil }
    self.digest = digest
  }

  public var description: String { digest }
  public static func < (a: ObjectName, b: ObjectName) -> Bool { a.digest < b.digest }

  /// Which of 256 parts it stands in: its first two digits.
  public var shard: String { String(digest.prefix(2)) }

  public static let shards = (0...UInt8.max).map { Hex.text([$0]) }
}
