import Base
import Crypto
import TestKit
import Testing

struct SHA256Tests {
  let folder = TemporaryFolder()

  @Test(
    "The digest agrees with the examples of FIPS 180-4 and with the system's own program",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func examples(_ text: String, _ digest: String) throws {
    #expect(SHA256.hex(of: Array(text.utf8)) == digest)
    try FileSystem.write(Array(text.utf8), to: folder.file("a"))
    #expect(try SHA256.hex(ofFile: folder.file("a")) == digest)
    #expect(shell(["sha256sum", folder.file("a")]).output.hasPrefix(digest))
  }

  @Test("A file of many blocks has the digest of its bytes; what is no file is refused")
  func files() throws {
    try FileSystem.write([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), to: folder.file("a"))
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(try SHA256.hex(ofFile: folder.file("a")) == million)
    #expect(throws: Fault.self) { try SHA256.hex(ofFile: folder.path) }
    let missing = try #require(throws: Fault.self) { try SHA256.hex(ofFile: folder.file("b")) }
    #expect(missing.kind == .notFound)
  }

  @Test("The digest does not depend on how the bytes are cut", arguments: [1, 3, 64, 1000])
  func cuts(step: Int) {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var digest = SHA256()
    for start in stride(from: 0, to: bytes.count, by: step) {
      digest.update(Array(bytes[start..<min(start + step, bytes.count)]))
    }
    #expect(digest.finish() == SHA256.hex(of: bytes))
  }

  @Test("Hexadecimal digits are read back in small letters only, and only whole digests")
  func hex() {
    let digest = SHA256.hex(of: [1, 2, 3])
    #expect(Hex.text(SHA256.bytes(ofHex: digest) ?? []) == digest)
    #expect(SHA256.bytes(ofHex: digest.uppercased()) == nil && SHA256.bytes(ofHex: digest + "0") == nil)
    #expect(SHA256.bytes(ofHex: String(digest.dropLast()) + "g") == nil && SHA256.bytes(ofHex: "") == nil)
    #expect(Hex.text([0, 15, 16, 255]) == "000f10ff")
  }
}

struct SecretTests {
  @Test("Two secrets are the same where every byte is")
  func compare() {
    #expect(Secret.isEqual([1, 2, 3], [1, 2, 3]) && Secret.isEqual([], []))
    #expect(!Secret.isEqual([1, 2, 3], [1, 2, 4]) && !Secret.isEqual([1, 2], [1, 2, 3]))
    #expect(!Secret.isEqual([0], [0, 0]) && !Secret.isEqual([9, 2, 3], [1, 2, 3]))
  }
}
