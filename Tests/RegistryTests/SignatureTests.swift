import Base
import Catalog
import Crypto
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Registry

@Suite struct SignatureTests {
  private let keys = TemporaryFolder()

  /// A key pair that OpenSSL's own program made.
  private func pair(_ name: String, algorithm: [String] = ["-algorithm", "ed25519"]) throws -> (
    secret: [UInt8], open: [UInt8]
  ) {
    let (secret, open) = (keys.file("\(name).pem"), keys.file("\(name)-public.pem"))
    #expect(shell(["openssl", "genpkey"] + algorithm + ["-out", secret]).status == 0)
    #expect(shell(["openssl", "pkey", "-in", secret, "-pubout", "-out", open]).status == 0)
    return (try FileSystem.read(secret), try FileSystem.read(open))
  }

  @Test("What one key signed is known by its public key alone, and as that version alone", arguments: Parts.there)
  func signs(_ parts: Parts) throws {
    let fixture = try RegistryFixture(parts)
    let registry = fixture.registry
    for mark in ["a", "b"] { _ = try registry.publish(try fixture.model(mark), ModelRegistry.Draft(by: "ann")) }
    let (ann, bob) = (try pair("ann"), try pair("bob"))
    let (trusted, other) = (
      try Ed25519.PublicKey(pem: ann.open, name: "ann"), try Ed25519.PublicKey(pem: bob.open, name: "bob")
    )
    let (one, two) = (try registry.find("1", of: "inspector"), try registry.find("2", of: "inspector"))
    let fault = { (version: RegisteredVersion, keys: [Ed25519.PublicKey]) -> Fault? in
      do { _ = try registry.signature(of: version, byOneOf: keys) } catch { return error as? Fault }
      return nil
    }
    #expect(fault(one, [trusted])?.kind == .denied && fault(one, [trusted])?.message.contains("is not signed") == true)
    let key = try Ed25519.PrivateKey(pem: ann.secret, name: "ann.pem")
    let signature = try registry.sign(one, with: key, by: "ann")
    #expect(try registry.sign(one, with: key, by: "bob") == signature)
    #expect(try fixture.again().signature(of: one, byOneOf: [other, trusted]) == signature)
    #expect(fault(one, [other])?.message.contains("none that is trusted") == true)
    #expect(fault(two, [trusted])?.message.contains("is not signed") == true)
    // The signature of one version is not that of another, whoever puts it there.
    let forged = ModelSignature(
      model: "inspector", version: 2, key: signature.key, signature: signature.signature, by: "eve", signed: 0)
    _ = try fixture.library.table.write([.put(forged.itemKey, forged.json)])
    #expect(fault(two, [trusted])?.message.contains("somebody changed it") == true)
    // OpenSSL's program says the same of what was signed.
    let (text, bytes) = (keys.file("text"), keys.file("signature"))
    try FileSystem.write(ModelRegistry.signedText(model: "inspector", digest: one.digest), to: text)
    try FileSystem.write(try #require(Hex.bytes(signature.signature)), to: bytes)
    let verified = shell([
      "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", keys.file("ann-public.pem"), "-rawin", "-in", text,
      "-sigfile", bytes,
    ])
    #expect(verified.status == 0, "\(verified)")
  }

  @Test("Keys of other kinds, behind passphrases, or broken, are refused with what is wrong")
  func refused() throws {
    let good = try pair("good")
    let message = { (body: () throws -> Void) -> String in
      do { try body() } catch { return (error as? Fault)?.message ?? "another error" }
      return ""
    }
    let rsa = try pair("rsa", algorithm: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
    #expect(message { _ = try Ed25519.PrivateKey(pem: rsa.secret, name: "k.pem") }.contains("a key of RSA"))
    #expect(message { _ = try Ed25519.PublicKey(pem: rsa.open, name: "k.pem") }.contains("a key of RSA"))
    #expect(message { _ = try Ed25519.PublicKey(pem: good.secret, name: "k.pem") }.contains("not a public key"))
    #expect(message { _ = try Ed25519.PrivateKey(pem: good.open, name: "k.pem") }.contains("not a private key"))
    for bytes in [[], Array("no key".utf8), Array(good.secret.dropLast(40)), [0, 255, 10]] as [[UInt8]] {
      #expect(message { _ = try Ed25519.PrivateKey(pem: bytes, name: "k.pem") }.contains("k.pem is not a private key"))
    }
    let locked = keys.file("locked.pem")
    #expect(
      shell([
        "openssl", "pkey", "-in", keys.file("good.pem"), "-aes256", "-passout", "pass:secret", "-out", locked,
      ]).status == 0)
    let said = message { _ = try Ed25519.PrivateKey(pem: try FileSystem.read(locked), name: "k.pem") }
    #expect(said.contains("passphrase"), "\(said)")
    #expect(throws: Fault.self) { try Ed25519.PublicKey(bytes: [1, 2, 3]) }
    let key = try Ed25519.PublicKey(pem: good.open, name: "good")
    #expect(try Ed25519.PublicKey(bytes: key.bytes).bytes == key.bytes)
    #expect(!key.isSignature([], of: [1]) && !key.isSignature(Array(repeating: 0, count: 64), of: [1]))
  }
}
