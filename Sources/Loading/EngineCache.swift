internal import Base
internal import Glibc
public import Inference

/// The folder of what is kept between runs: compiled networks, shapes and digests of files, and tuned settings.
public struct EngineCache: Sendable {
  private let root: String?

  /// `RIDLEY_CACHE`, else `$XDG_CACHE_HOME/ridley`, else `~/.cache/ridley`.
  public static var standard: EngineCache {
    EngineCache { (name) in getenv(name).map { String(cString: $0) } }
  }

  init(environment: (String) -> String?) {
    func set(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let home = set("HOME").map { $0 + "/.cache" }
    root = set("RIDLEY_CACHE") ?? (set("XDG_CACHE_HOME") ?? home).map { $0 + "/ridley" }
  }

  /// For compiled networks, made where it is not there; `nil` where it cannot be.
  public var folder: String? {
    guard let path = root.map({ $0 + "/engine" }) else { return nil }
    do { try FileSystem.makeFolder(path) } catch { return nil }
    return access(path, W_OK) == 0 ? path : nil
  }

  /// Where versions of a registry are laid out for those that look at films, or would be; `nil` where nothing is kept.
  public var versions: String? { root.map { $0 + "/versions" } }

  /// Where tuned settings are, or would be.
  public var settings: SettingStore? { root.map { SettingStore(folder: $0 + "/tuned") } }
}
