import Base
import Catalog
import Delivery
import Items

/// Where targets are, how a command names them, and how they are printed.
enum TargetPlace {
  static let position = Positional(name: "target", help: "its name")
  static let client = Option.value("client", "NAME", "whose target (default local)")
  static let json = Option.flag("json", "print one JSON object")

  static func desk(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> DeliveryDesk {
    DeliveryDesk(try LibraryPlace.open(arguments, makes: makes))
  }

  static func owner(_ arguments: Arguments) -> String { arguments["client"] ?? GroupOptions.usualClient }

  static func write(_ target: DeliveryTarget, _ desk: DeliveryDesk, into json: inout JSONWriter) throws(Fault) {
    let (count, oldest) = try desk.waiting(for: target)
    target.write(into: &json)
    json.field("waiting", count)
    json.field("oldest", ifKnown: oldest.map { CompositeKey.time(milliseconds: $0) })
  }

  /// What it is told, in a few words.
  static func text(_ selection: DeliveryTarget.Selection) -> String {
    let parts = [
      ("", selection.kinds.map(\.rawValue)), ("of ", selection.streams), ("by ", selection.rules),
      ("with ", selection.labels), ("at ", selection.phases.map(\.rawValue)),
    ]
    return parts.filter { !$0.1.isEmpty }.map { $0.0 + $0.1.joined(separator: ", ") }.joined(separator: " ")
  }

  /// The words of a list with commas.
  static func words(_ arguments: Arguments, _ name: String) -> [String] {
    arguments[name].map { $0.split(separator: ",").map(String.init) } ?? []
  }

  static func choices<Word: RawRepresentable<String> & CaseIterable>(
    _ arguments: Arguments, _ name: String, among known: [Word]
  ) throws(Fault) -> [Word] {
    var found: [Word] = []
    for word in words(arguments, name) {
      guard let one = known.first(where: { $0.rawValue == word }) else {
        throw arguments.refusal("--\(name) takes \(known.map(\.rawValue).joined(separator: ", ")), and not '\(word)'")
      }
      found.append(one)
    }
    return found
  }
}
