internal import CCrypto

/// A digest of OpenSSL's that grows with bytes; what each algorithm's type stands on.
@safe struct MessageDigest: ~Copyable {
  private let context: OpaquePointer

  /// `algorithm` is one of OpenSSL's own, which are there for as long as the program.
  init(_ algorithm: OpaquePointer?, named name: StaticString) {
    guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(made, algorithm, nil) == 1 else {
      preconditionFailure("OpenSSL gives no \(name): no memory, or a provider that forbids it")
    }
    unsafe context = made
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: borrowing RawSpan) {
    let accepted = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(accepted == 1, "OpenSSL refused to go on with a digest")
  }

  consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(unsafe EVP_MD_get_size(EVP_MD_CTX_get0_md(context))))
    let accepted = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(accepted == 1, "OpenSSL refused to finish a digest")
    return digest
  }
}
