internal import Base
internal import Crypto
internal import Inference

/// The name that a compiled network is cached under: the digest of what it was made from, the engine and what is known of its defects,
/// the processor, and who was to run it.
enum CacheKey {
  /// `digest` covers the network's files and what is put in front of them.
  static func of(
    _ digest: String, on device: String, by choice: EngineChoice = .auto, engine: String = Engine.version,
    processor: String = Processor.name
  ) -> String {
    let parts =
      [digest, device, engine, processor, "\(KnownDefect.revision)"] + (choice == .auto ? [] : [choice.rawValue])
    return SHA256.hex(of: Array(parts.joined(separator: "\n").utf8))
  }
}
