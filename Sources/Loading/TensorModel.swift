public import Base
internal import Crypto
public import Inference
internal import ModelHub

/// A network that came without a manifest: it takes and gives tensors as its file says.
public struct TensorModel: Sendable {
  /// `sha256:…` over names and bytes of its files.
  public let digest: String
  public let network: CompiledNetwork

  /// Takes the network that was kept, or reads, compiles and keeps it; digests of files are kept in `cache`.
  public init(
    networkAt path: String, _ options: LoadOptions, cache: String?, on engine: Engine
  ) throws(Fault) {
    digest = Self.digest(of: try Model.files(ofNetwork: path, cache: cache))
    network = try Self.compile(path, digest, options, on: engine)
    if options.isWarmed { try network.warmUpReady() }
  }

  static func digest(of files: [Manifest.File]) -> String {
    let words = ["ridley-tensors-1"] + files.flatMap { [$0.path, $0.sha256] }
    return "sha256:" + SHA256.hex(of: Array(words.joined(separator: "\n").utf8))
  }

  /// The network alone; the usual arithmetic is full precision.
  public static func compile(
    _ path: String, _ digest: String, _ options: LoadOptions, on engine: Engine
  ) throws(Fault) -> CompiledNetwork {
    try CompiledNetwork.load(
      CacheKey.of(digest, on: options.device), isTrusted: options.usesCache,
      with: CompileOptions(options, precision: .f32), on: engine
    ) { (_) throws(Fault) in try engine.read(path) }
  }
}
