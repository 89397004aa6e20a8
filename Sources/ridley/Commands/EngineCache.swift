import Base
import Glibc
import Inference

/// What is kept between runs: compiled networks, and how they are run best on this machine.
enum EngineCache {
  /// For compiled networks; `nil` where none can be made.
  static var folder: String? {
    guard let path = root.map({ $0 + "/engine" }) else { return nil }
    do { try Disk.makeFolder(path) } catch { return nil }
    return access(path, W_OK) == 0 ? path : nil
  }

  /// Where tuned settings are, or would be.
  static var settings: SettingStore? { root.map { SettingStore(folder: $0 + "/tuned") } }

  /// `RIDLEY_CACHE`, else `$XDG_CACHE_HOME/ridley`, else `~/.cache/ridley`.
  private static var root: String? {
    let home = read("HOME").map { $0 + "/.cache" }
    return read("RIDLEY_CACHE") ?? (read("XDG_CACHE_HOME") ?? home).map { $0 + "/ridley" }
  }

  private static func read(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
