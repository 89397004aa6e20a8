internal import Base
internal import Crypto
internal import Inference

/// The name that a compiled network is kept under: the digest of what it was made from, the engine and the processor.
enum CacheKey {
  /// `digest` covers the network's files and what is put in front of them.
  static func of(
    _ digest: String, on device: String, engine: String = Engine.version, processor: String = Processor.name
  ) -> String {
    SHA256.hex(of: Array([digest, device, engine, processor].joined(separator: "\n").utf8))
  }
}
