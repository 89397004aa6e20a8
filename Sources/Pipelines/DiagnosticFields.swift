internal import Base
internal import YAML

/// A map whose keys are the cases of `Key`; unlike `YAMLFields`, everything that is wrong with it is told, not the first.
///
/// Nothing at all counts as a map without keys: `track:` is a step with its defaults.
struct DiagnosticFields<Key: RawRepresentable<String> & CaseIterable & Hashable> {
  let owner: YAMLValue
  /// It is a group of keys, or nothing at all; else a diagnostic says so.
  private(set) var isGroup = true
  private var values: [Key: YAMLValue] = [:]

  init(_ owner: YAMLValue, _ diagnostics: inout Diagnostics) {
    self.owner = owner
    switch owner.node.kind {
    case .map(let entries):
      for entry in entries { read(entry, &diagnostics) }
    case .scalar("", quoted: false), .scalar("~", quoted: false), .scalar("null", quoted: false): break
    case .scalar(let text, _):
      isGroup = false
      diagnostics.add(owner, "'\(text)' is a single value, \(owner.what) must be \(Self.wanted)")
    case .list:
      isGroup = false
      diagnostics.add(owner, "this is a list, \(owner.what) must be \(Self.wanted)")
    }
  }

  private static var known: [String] { Key.allCases.map(\.rawValue) }
  private static var wanted: String { "a group of keys: \(Diagnostics.list(known))" }

  private mutating func read(_ entry: YAMLEntry, _ diagnostics: inout Diagnostics) {
    guard let key = Key(rawValue: entry.key) else {
      let hint = Suggestion.hint(for: entry.key, among: Self.known)
      let advice = hint.isEmpty ? ", expected \(Diagnostics.list(Self.known))" : hint
      return diagnostics.add(entry.place, "unknown key '\(entry.key)' in \(owner.what)\(advice)")
    }
    values[key] = YAMLValue(entry.node, what: entry.key, document: owner.document)
  }

  subscript(_ key: Key) -> YAMLValue? { values[key] }

  /// The value of a key, `nil` where it does not stand or is wrong.
  func value<T>(_ key: Key, _ diagnostics: inout Diagnostics, _ read: (YAMLValue) throws(Fault) -> T) -> T? {
    self[key].flatMap { diagnostics.attempt($0, read) }
  }

  /// Puts the value of a key, where it stands, over a default.
  func set<T>(
    _ target: inout T, _ key: Key, _ diagnostics: inout Diagnostics, _ read: (YAMLValue) throws(Fault) -> T
  ) {
    if let value = value(key, &diagnostics, read) { target = value }
  }
}
