internal import Base
internal import CCrypto

/// MD5, for protocols that ask for it (digest authentication of cameras); it keeps nobody from making another text of the same digest.
public enum MD5 {
  /// In small hexadecimal letters.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = unsafe MessageDigest(EVP_md5(), named: "MD5")
    unsafe digest.update(bytes.span.bytes)
    return Hex.text(digest.finish())
  }
}
