internal import CCrypto

/// What is not to be learned from how long an answer takes.
public enum Secret {
  /// Whether two secrets are the same, in a time that tells nothing but their lengths.
  public static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe CRYPTO_memcmp(a, b, a.count) == 0
  }
}
