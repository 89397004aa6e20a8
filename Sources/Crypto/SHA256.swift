public import Base
internal import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come in parts.
public struct SHA256: ~Copyable {
  private var digest: MessageDigest

  public init() { digest = unsafe MessageDigest(EVP_sha256(), named: "SHA-256") }

  public mutating func update(_ bytes: borrowing RawSpan) { digest.update(bytes) }

  public mutating func update(_ bytes: [UInt8]) { unsafe update(bytes.span.bytes) }

  /// The digest as 64 hexadecimal digits in lower case.
  public consuming func finish() -> String { Hex.text(finishBytes()) }

  /// The digest as 32 bytes.
  public consuming func finishBytes() -> [UInt8] { digest.finish() }

  public static func hex(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// Reads the file once, front to back, in blocks of 256 KiB, and calls `each` after every one.
  public static func hex(ofFile path: String, each: () -> Void = {}) throws(Fault) -> String {
    let file = try FileSource(path)
    var digest = SHA256()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try file.read(into: &block)
      if count == 0 { return digest.finish() }
      unsafe digest.update(block.span.extracting(0..<count).bytes)
      each()
    }
  }

  /// The digest that 64 hexadecimal digits in lower case stand for; `nil` for any other text.
  public static func bytes(ofHex text: String) -> [UInt8]? { Hex.bytes(text).flatMap { $0.count == 32 ? $0 : nil } }
}
