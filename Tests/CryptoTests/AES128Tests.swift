import Base
import Crypto
import Testing

struct AES128Tests {
  /// NIST SP 800-38A, F.2.1; the padding of PKCS #7 behind it was made with `openssl enc -aes-128-cbc`.
  @Test("The standard's own example is read, however it is cut", arguments: [1, 5, 16, 32])
  func example(step: Int) throws {
    let key = try #require(Hex.bytes("2b7e151628aed2a6abf7158809cf4f3c"))
    let text = try #require(Hex.bytes("7649abac8119b246cee98e9b12e9197d8964e0b149c10b7b682e6e39aaeb731c"))
    let reader = try AES128Reader(key: key, start: Array(0..<16))
    var plain: [UInt8] = []
    for place in stride(from: 0, to: 32, by: step) { plain += reader.read(Array(text[place..<min(32, place + step)])) }
    plain += reader.finish()
    #expect(plain == Hex.bytes("6bc1bee22e409f96e93d7e117393172a"))
  }

  @Test("A key of another length is none, and broken text gives nothing")
  func broken() throws {
    #expect(throws: Fault.self) { try AES128Reader(key: [1], start: Array(0..<16)) }
    let reader = try AES128Reader(key: Array(0..<16), start: Array(0..<16))
    #expect(reader.read([1, 2, 3]).isEmpty && reader.finish().isEmpty)
  }
}
