import Base
import Catalog
import Crypto
import Items
import Library
import Registry

/// What commands about the registry of models have in common.
enum RegistryWords {
  static let model = Positional(name: "model", help: "its name in the registry")
  static let version = Positional(name: "version", help: "its number, an alias, or its digest's beginning")
  static let by = Option.value("by", "TEXT", "who does it, as the history will say (default owner)")
  static let reason = Option.value("reason", "TEXT", "why, as the history will say")
  static let json = Option.flag("json", "print one JSON object")

  static func registry(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> ModelRegistry {
    ModelRegistry(try LibraryPlace.open(arguments, makes: makes))
  }

  static func privateKey(_ file: String) throws(Fault) -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(pem: try FileSystem.read(file, limit: 1 << 16), name: file)
  }

  static func who(_ arguments: Arguments) -> String { arguments["by"] ?? "owner" }

  /// A moment in milliseconds since 1970: the last one of the second, minute or day that is said, in UTC.
  static func moment(_ text: String, _ arguments: Arguments) throws(Fault) -> Int {
    let plain = text.hasSuffix("Z") ? String(text.dropLast()) : text
    let rest: [Int: String] = [10: "T23:59:59", 16: ":59", 19: ""]
    guard let rest = rest[plain.utf8.count], let seconds = UTC.seconds(plain + rest + "Z") else {
      throw arguments.refusal(
        "--at takes a moment such as 2026-11-27, 2026-11-27T08:30 or 2026-11-27T08:30:00Z, in UTC, not '\(text)'")
    }
    return seconds * 1000 + 999
  }

  static func text(_ move: AliasMove) -> [String] {
    [
      CompositeKey.time(milliseconds: move.at), move.alias, move.from.map(String.init) ?? "-",
      move.to.map(String.init) ?? "-", move.by, move.reason ?? "",
    ]
  }
}
