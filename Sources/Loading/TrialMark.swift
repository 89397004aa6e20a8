internal import Base
internal import Inference

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
    content = Array((["ridley-trial-2"] + engine.versions + [digest]).map { $0 + "\n" }.joined().utf8)
  }

  public var isThere: Bool {
    guard let path, FileSystem.kind(of: path) == .file else { return false }
    return (try? FileSystem.read(path, limit: 1 << 12)) == content
  }

  /// Leaves it for later starts; where that is not possible, the network is tried again then.
  public func leave() {
    guard let path else { return }
    try? FileSystem.write(content, to: path, isDurable: true)
  }
}
