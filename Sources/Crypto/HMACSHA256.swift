internal import CCrypto

/// HMAC (RFC 2104) with SHA-256: proves that bytes were written by one who knows the key.
public enum HMACSHA256 {
  /// 32 bytes; compare them with ``Secret/isEqual(_:_:)``.
  public static func code(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var (code, count) = ([UInt8](repeating: 0, count: 32), UInt32(0))
    let made = unsafe HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, &count)
    precondition(unsafe made != nil && count == 32, "OpenSSL gives no HMAC-SHA-256: a provider that forbids it")
    return code
  }
}
