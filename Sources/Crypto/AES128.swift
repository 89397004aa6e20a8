public import Base
internal import CCrypto

/// AES with 128 bits in CBC, as segments of HLS are encrypted (RFC 8216, section 4.3.2.4); for one text, part by part.
@safe public final class AES128Reader {
  private let context: OpaquePointer

  /// Both of 16 bytes.
  ///
  /// - Throws: `badInput` where they are not.
  public init(key: [UInt8], start: [UInt8]) throws(Fault) {
    guard key.count == 16, start.count == 16 else {
      throw Fault(.badInput, "a key of AES-128 has 16 bytes, and this one \(key.count)")
    }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .noMemory(to: "decrypt a stream") }
    unsafe self.context = context
    let status = unsafe EVP_DecryptInit_ex(context, EVP_aes_128_cbc(), nil, key, start)
    precondition(status == 1, "OpenSSL gives no AES-128: a provider that forbids it")
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  /// What is known after these bytes.
  public func read(_ bytes: [UInt8]) -> [UInt8] {
    var (plain, count) = ([UInt8](repeating: 0, count: bytes.count + 16), Int32(0))
    guard unsafe EVP_DecryptUpdate(context, &plain, &count, bytes, Int32(bytes.count)) == 1 else { return [] }
    return Array(plain.prefix(Int(count)))
  }

  /// The rest; empty where the text is broken.
  public func finish() -> [UInt8] {
    var (plain, count) = ([UInt8](repeating: 0, count: 32), Int32(0))
    guard unsafe EVP_DecryptFinal_ex(context, &plain, &count) == 1 else { return [] }
    return Array(plain.prefix(Int(count)))
  }
}
