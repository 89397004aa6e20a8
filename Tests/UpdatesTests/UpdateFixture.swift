import Base
import Crypto
import Updates

/// Bundles for tests, and keys that are made from a number.
enum UpdateFixture {
  static let centre = String(repeating: "ab", count: 32)

  /// A private key of PKCS#8 whose 32 bytes are all this one.
  static func key(_ byte: UInt8) throws -> Ed25519.PrivateKey {
    let head: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]
    let text = Base64.encode(head + [UInt8](repeating: byte, count: 32))
    return try Ed25519.PrivateKey(
      pem: Array("-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n".utf8), name: "the test's key")
  }

  static func blob(_ text: String) -> Bundle.Blob { blob(Array(text.utf8)) }
  static func blob(_ bytes: [UInt8]) -> Bundle.Blob { Bundle.Blob(SHA256.hex(of: bytes), byteCount: bytes.count) }

  static func program(_ bytes: [UInt8], schema: Int = 8) -> Bundle.Program {
    Bundle.Program(version: "1.4", architecture: "x86_64", schema: schema, blob: blob(bytes))
  }

  static func model(_ name: String = "inspector", alias: String = "live") -> Bundle.Model {
    Bundle.Model(
      name: name, alias: alias, digest: "sha256:\(SHA256.hex(of: Array(name.utf8)))", task: "detection",
      manifest: blob("manifest of \(name)"), files: [Bundle.File("net.onnx", blob("network of \(name)"))],
      examples: [
        Bundle.Examples(inputs: blob("inputs"), answers: blob("answers"), count: 1, computation: "openvino 2026.1")
      ])
  }

  static func bundle(
    _ version: Int, centre: String = centre, target: UpdateTarget = .fleet, models: [Bundle.Model] = [],
    pipelines: [Bundle.Pipeline]? = nil,
    program: Bundle.Program? = nil
  ) -> Bundle {
    Bundle(
      centre: centre, version: version, issued: 1_790_000_000_000, target: target, models: models,
      pipelines: pipelines, program: program)
  }

  static func gate(
    _ keys: [Ed25519.PrivateKey], schema: Int = 8, isStartedAgain: Bool = true, takesPipelines: Bool = true,
    takesModels: Bool = true
  ) throws -> BundleGate {
    BundleGate(
      node: "dock", keys: try keys.map { try $0.publicKey }, centres: [centre], architecture: "x86_64", schema: schema,
      isStartedAgain: isStartedAgain, takesPipelines: takesPipelines, takesModels: takesModels)
  }
}
