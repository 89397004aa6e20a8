import Access
import Base
import ModelHub

/// Where keys are kept, and how they are shown.
enum KeyPlace {
  static let option = Option.value(
    "keys", "FILE", "the file of keys (default keys.json in RIDLEY_HOME, else in ~/.local/share/ridley)")

  /// The file that was named, else the one that `ridley serve` reads too.
  ///
  /// - Throws: where nothing says whose folder it would be; the current folder is nobody's place for keys.
  static func file(_ named: String?) throws(Fault) -> KeyFile {
    if let named { return KeyFile(named) }
    guard let home = try Hub.standard().home else {
      throw Fault(
        .usage, "nothing says where keys are kept: name the file with --keys FILE, or set RIDLEY_HOME or HOME")
    }
    return KeyFile(home + "/keys.json")
  }

  static func text(_ rate: Rate?) -> String {
    guard let rate else { return "any" }
    return rate.burst == rate.count ? rate.text : "\(rate.text), \(rate.burst) at once"
  }
}
