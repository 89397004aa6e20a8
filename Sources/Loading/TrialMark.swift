public import Base
public import Inference
public import ModelHub

/// The word that a network was once read, compiled and run on this machine and took no process with it: a file beside the compiled
/// networks, good for the engines that are here, one processor and one way of running.
public struct TrialMark: Sendable {
  /// `nil` where nothing is kept.
  private let path: String?
  private let content: [UInt8]

  init(
    _ digest: String, _ options: LoadOptions, _ precision: Precision, _ choice: EngineChoice, on engine: Engine
  ) {
    let words = [options.streams, options.threads, options.batch].map { $0.map(String.init) ?? "usual" }
    let key = ([CacheKey.of(digest, on: options.device, by: choice), precision.rawValue] + words).joined(separator: "-")
    path = engine.cacheFolder.map { "\($0)/\(key).tried" }
    // Marks with a lower number may lack what was measured for good: those networks are tried again.
    content = Array((["ridley-trial-3"] + engine.versions + [digest]).map { $0 + "\n" }.joined().utf8)
  }

  /// Of a model by itself; a version of it is the same.
  public init(_ model: Model, _ options: LoadOptions, on engine: Engine) throws(Fault) {
    let manifest = model.manifest
    self.init(
      try model.identified(cache: engine.cacheFolder).digest, options, options.precision ?? manifest.precision,
      options.engine ?? manifest.engine, on: engine)
  }

  public var isThere: Bool { rest != nil }

  /// What it took when it was tried; `nil` where it was not tried, or not measured.
  public var need: NetworkNeed? {
    // One that was cut off says less than it seems to.
    guard let rest, rest.last == UInt8(ascii: "\n") else { return nil }
    return NetworkNeed(text: String(decoding: rest.dropLast(), as: UTF8.self))
  }

  /// What stands behind the word in the file.
  private var rest: ArraySlice<UInt8>? {
    guard let path, FileSystem.kind(of: path) == .file, let bytes = try? FileSystem.read(path, limit: 1 << 12),
      bytes.starts(with: content)
    else { return nil }
    return bytes.dropFirst(content.count)
  }

  /// Leaves it for later starts, with what was measured; where that is not possible, the network is tried again then.
  public func leave(_ need: NetworkNeed? = nil) {
    guard let path else { return }
    let line = need.map { Array(($0.text + "\n").utf8) } ?? []
    try? FileSystem.write(content + line, to: path, isDurable: true)
  }
}
