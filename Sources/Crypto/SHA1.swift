internal import CCrypto

/// SHA-1 (FIPS 180-4) of bytes that come in parts: for protocols that demand it, and never where a forger gains by it.
@safe public struct SHA1: ~Copyable {
  private let context: OpaquePointer

  public init() {
    guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(made, EVP_sha1(), nil) == 1 else {
      preconditionFailure("OpenSSL gives no SHA-1: no memory, or a provider that forbids it")
    }
    unsafe context = made
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: borrowing RawSpan) {
    let accepted = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(accepted == 1, "OpenSSL refused to go on with a digest")
  }

  /// The digest as 20 bytes.
  public consuming func finishBytes() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 20)
    let accepted = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(accepted == 1, "OpenSSL refused to finish a digest")
    return digest
  }
}
