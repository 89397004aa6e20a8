internal import CCrypto

/// SHA-1 (FIPS 180-4) of bytes that come in parts: for protocols that demand it, and never where a forger gains by it.
public struct SHA1: ~Copyable {
  private var digest: MessageDigest

  public init() { digest = unsafe MessageDigest(EVP_sha1(), named: "SHA-1") }

  public mutating func update(_ bytes: borrowing RawSpan) { digest.update(bytes) }

  /// The digest as 20 bytes.
  public consuming func finishBytes() -> [UInt8] { digest.finish() }
}
