public import Base
internal import Crypto
public import Inference
internal import ModelHub

/// A network that came without a manifest: it takes and gives tensors as its file says.
public struct TensorModel: Sendable {
  /// `sha256:…` over names and bytes of its files.
  public let digest: String
  public let network: CompiledNetwork

  /// Takes the network that was cached, or reads, compiles and caches it; digests of files are kept in `cache`.
  ///
  /// `openSides` is how long sides behind the first may be that its file leaves open; `nil` refuses such a network.
  public init(
    networkAt path: String, _ options: LoadOptions, openSides: ClosedRange<Int>? = nil, cache: String?,
    on engine: Engine
  ) throws(Fault) {
    let folder = FileSystem.folder(of: path)
    let files = try Model.files(ofNetwork: path, cache: cache)
    let states = { files.map { FileSystem.stamp(of: "\(folder)/\($0.path)")?.state } }
    let before = states()
    digest = Self.digest(of: files)
    network = try Self.compile(path, digest, options, openSides, on: engine) { () throws(Fault) in
      if states() != before { throw PictureModel.changedMeanwhile }
    }
    if options.isWarmed { try network.warmUpReady() }
  }

  static func digest(of files: [Manifest.File]) -> String {
    let words = ["ridley-tensors-1"] + files.flatMap { [$0.path, $0.sha256 ?? ""] }
    return "sha256:" + SHA256.hex(of: Array(words.joined(separator: "\n").utf8))
  }

  /// The network alone; the usual arithmetic is full precision.
  private static func compile(
    _ path: String, _ digest: String, _ options: LoadOptions, _ openSides: ClosedRange<Int>?, on engine: Engine,
    confirm: () throws(Fault) -> Void
  ) throws(Fault) -> CompiledNetwork {
    try DeviceLanes.compile(options) { (options) throws(Fault) in
      var wanted = CompileOptions(options, precision: .f32)
      wanted.openSides = openSides
      let digest = openSides.map { "\(digest) \($0)" } ?? digest
      return try CompiledNetwork.load(
        CacheKey.of(digest, on: options.device, by: wanted.engine), usesCache: options.usesCache, with: wanted,
        on: engine,
        read: { (_) throws(Fault) in
          let network = try engine.read(path, by: wanted.engine)
          if options.batch ?? 1 == 1 { try refuseOpenList(network, path, by: wanted.engine, on: engine) }
          return network
        }, confirm: confirm)
    }
  }

  /// Several rows of one request are answered one by one, which is right where the open first side is a batch.
  private static func refuseOpenList(
    _ network: borrowing Network, _ path: String, by choice: EngineChoice, on engine: Engine
  ) throws(Fault) {
    let isOpen = (network.inputs + network.outputs).allSatisfy {
      $0.isOpenInFront && !$0.shape.dropFirst().contains(nil)
    }
    guard isOpen, network.defect == nil else { return }
    var two = CompileOptions()
    (two.batch, two.streams) = (2, 1)
    // One that cannot be made for two rows has none.
    guard let compiled = try? CompiledNetwork(try engine.read(path, by: choice), with: two, on: engine) else { return }
    do throws(Fault) { try compiled.checkRows() } catch {
      guard error.kind == .unsupported else { return }
      throw Fault(
        .unsupported,
        "the first side of its inputs is open, and is no batch, since rows change each other's answers: export it with that side fixed"
      )
    }
  }
}
