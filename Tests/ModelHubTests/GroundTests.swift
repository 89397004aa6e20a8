import Base
import Crypto
import Objects
import TestKit
import Testing
import YAML

/// Digests, documents and addresses, each on its own.
@Suite struct GroundTests {
  @Test func `SHA-256 agrees with the examples of the standard`() throws {
    #expect(SHA256.hex(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.hex(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let folder = TemporaryFolder()
    try Disk.write([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), to: folder.file("a"))
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(try SHA256.hex(ofFile: folder.file("a")) == million)
    #expect(throws: Fault.self) { try SHA256.hex(ofFile: folder.path) }
    #expect(throws: Fault.self) { try SHA256.hex(ofFile: folder.file("b")) }
  }

  @Test(arguments: [1, 3, 64, 1000])
  func `The digest does not depend on how the bytes are cut`(step: Int) {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var digest = SHA256()
    for start in stride(from: 0, to: bytes.count, by: step) {
      digest.update(Array(bytes[start..<min(start + step, bytes.count)]))
    }
    #expect(digest.finish() == SHA256.hex(of: bytes))
  }

  @Test func `A document keeps order, places and quotes`() throws {
    let document = try YAMLDocument.parse("b: 1\na: ['x', y]\n", name: "d").root
    guard case .map(let entries) = document.kind else { return #expect(Bool(false)) }
    #expect(entries.map(\.key) == ["b", "a"])
    #expect(entries[1].place == YAMLPlace(line: 2, column: 1))
  }

  @Test func `A document has limits of length, depth and number`() {
    var limits = YAMLDocument.Limits()
    (limits.bytes, limits.nodes) = (100, 5)
    for text in [String(repeating: "a", count: 101), "[1, 2, 3, 4, 5]"] {
      #expect(throws: Fault.self) { try YAMLDocument.parse(Array(text.utf8), name: "d", limits: limits) }
    }
    let deep = String(repeating: "[", count: 10_000)
    #expect(throws: Fault.self) { try YAMLDocument.parse(deep, name: "d") }
  }

  @Test func `Any bytes end in a tree or a fault`() {
    var random = SeededRandom(7)
    let alphabet = Array("ab:-[]{}&*!|>'\"#%@`,? \n\t0.\u{fe}é".utf8)
    for _ in 0..<5_000 {
      let bytes = (0..<40).map { _ in alphabet.randomElement(using: &random)! }
      do throws(Fault) { _ = try YAMLDocument.parse(bytes, name: "d") } catch { #expect(error.kind == .badInput) }
    }
  }

  @Test func `Only web and file addresses are fetched`() {
    let folder = TemporaryFolder()
    for address in ["ftp://a/b", "gopher://a", "a/b", ""] {
      let fault = #expect(throws: Fault.self) { try Download(address).fetch(into: folder.file("x")) }
      #expect(fault?.kind == .unsupported)
    }
  }
}
