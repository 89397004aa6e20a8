import Base
import Glibc

/// Where compiled networks are kept between runs.
enum EngineCache {
  /// `RIDLEY_CACHE`, else `$XDG_CACHE_HOME/ridley`, else `~/.cache/ridley`; `nil` where none can be made.
  static var folder: String? {
    let home = read("HOME").map { $0 + "/.cache" }
    guard let path = read("RIDLEY_CACHE") ?? (read("XDG_CACHE_HOME") ?? home).map({ $0 + "/ridley" }) else {
      return nil
    }
    do { try Disk.makeFolder(path + "/engine") } catch { return nil }
    return access(path + "/engine", W_OK) == 0 ? path + "/engine" : nil
  }

  private static func read(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
