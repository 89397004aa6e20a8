internal import Glibc

/// The folder of whoever runs this program, where it keeps what it is not told another place for.
public enum Home {
  /// `RIDLEY_HOME`, else `$XDG_DATA_HOME/ridley`, else `~/.local/share/ridley`; `nil` where nothing says whose that is.
  public static var folder: String? { folder { (name) in getenv(name).map { String(cString: $0) } } }

  public static func folder(environment: (String) -> String?) -> String? {
    func set(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let data = set("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? set("HOME").map { "\($0)/.local/share" }
    return set("RIDLEY_HOME") ?? data.map { "\($0)/ridley" }
  }
}
