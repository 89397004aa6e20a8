internal import Base
internal import CHiredis

/// A program in Lua that a server runs at one moment; servers keep it by its digest.
public struct RedisScript: Sendable {
  let text: [UInt8]
  /// SHA-1 in hexadecimal digits: what `EVALSHA` calls it.
  let digest: [UInt8]

  public init(_ text: String) {
    self.text = Array(text.utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    let isMade = unsafe EVP_Digest(self.text, self.text.count, &digest, nil, EVP_sha1(), nil)
    precondition(isMade == 1, "OpenSSL has no SHA-1")
    self.digest = Array(Hex.text(digest).utf8)
  }
}
