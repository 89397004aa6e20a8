import Access
import Base
import ModelHub

/// Where keys are kept, and how they are shown.
enum KeyPlace {
  static let option = Option.value("keys", "FILE", "the file of keys (default keys.json in ridley's own folder)")

  /// The file that was named, else the one that `ridley serve` reads too.
  static func file(_ named: String?) throws(Fault) -> KeyFile {
    if let named { return KeyFile(named) }
    return KeyFile(try Hub.standard().store + "/keys.json")
  }

  static func text(_ rate: Rate?) -> String {
    guard let rate else { return "any" }
    return rate.burst == rate.count ? rate.text : "\(rate.text), \(rate.burst) at once"
  }
}
