internal import CCrypto

/// A checksum for what a disk or a cut connection may change by accident: 16 bytes, several gigabytes a second.
///
/// GMAC (NIST SP 800-38D) under a key that everybody knows: it finds any change but one in 2^128, four times as fast as SHA-256 where a
/// processor has instructions for both. It proves nothing about who wrote the bytes.
public enum FastChecksum {
  public static let byteCount = 16

  /// One step of the library's is given as a 32-bit number.
  private static let step = 1 << 30

  public static func of(_ bytes: RawSpan) -> [UInt8] {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { preconditionFailure("no memory for a checksum") }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let (key, nonce) = (Array("ridley checksum 1".utf8.prefix(16)), [UInt8](repeating: 0, count: 12))
    var accepted = unsafe EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, key, nonce) == 1
    var count: Int32 = 0
    unsafe bytes.withUnsafeBytes { bytes in
      var place = 0
      while place < bytes.count, accepted {
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[place..<min(place + step, bytes.count)])
        // Data that is only authenticated goes in without a place for what it would be encrypted to.
        accepted = unsafe EVP_EncryptUpdate(context, nil, &count, part.baseAddress, Int32(part.count)) == 1
        place += part.count
      }
    }
    var tag = [UInt8](repeating: 0, count: byteCount)
    var nothing: UInt8 = 0
    let isFinished = unsafe EVP_EncryptFinal_ex(context, &nothing, &count) == 1
    let isGiven = unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(byteCount), &tag) == 1
    precondition(accepted && isFinished && isGiven, "OpenSSL gives no AES-GCM: a provider that forbids it")
    return tag
  }
}
