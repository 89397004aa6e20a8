public import Base
internal import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come in parts.
@safe public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  public init() {
    guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
      preconditionFailure("OpenSSL gives no SHA-256: no memory, or a provider that forbids it")
    }
    unsafe context = made
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: borrowing RawSpan) {
    let accepted = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(accepted == 1, "OpenSSL refused to go on with a digest")
  }

  public mutating func update(_ bytes: [UInt8]) { unsafe update(bytes.span.bytes) }

  /// The digest as 64 hexadecimal digits in lower case.
  public consuming func finish() -> String { SHA256.hex(finishBytes()) }

  /// The digest as 32 bytes.
  public consuming func finishBytes() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let accepted = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(accepted == 1, "OpenSSL refused to finish a digest")
    return digest
  }

  public static func hex(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// Reads the file once, front to back, in blocks of 256 KiB.
  public static func hex(ofFile path: String) throws(Fault) -> String {
    let file = try FileSource(path)
    var digest = SHA256()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try file.read(into: &block)
      if count == 0 { return digest.finish() }
      unsafe digest.update(block.span.extracting(0..<count).bytes)
    }
  }

  /// Bytes as hexadecimal digits in lower case.
  public static func hex(_ bytes: [UInt8]) -> String {
    let alphabet = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest that 64 hexadecimal digits in lower case stand for; `nil` for any other text.
  public static func bytes(ofHex text: String) -> [UInt8]? {
    let alphabet = Array("0123456789abcdef".utf8)
    let values = text.utf8.compactMap { alphabet.firstIndex(of: $0) }
    guard values.count == 64, text.utf8.count == 64 else { return nil }
    return (0..<32).map { UInt8(values[2 * $0] << 4 | values[2 * $0 + 1]) }
  }
}
