public import Base

/// A map whose keys are the cases of `Key`; unlike `YAMLFields`, everything that is wrong with it is told, not the first.
///
/// Nothing at all counts as a map without keys: `track:` is a step with its defaults.
public struct DiagnosticFields<Key: RawRepresentable<String> & CaseIterable & Hashable> {
  public let owner: YAMLValue
  /// It is a group of keys, or nothing at all; else a diagnostic says so.
  public private(set) var isGroup = true
  private var values: [Key: YAMLValue] = [:]
  /// Keys that a misspelt one is probably meant for: that they are missing is told already.
  private var meant: Set<Key> = []

  public init(_ owner: YAMLValue, _ diagnostics: inout Diagnostics) {
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
      if let key = Key.allCases.first(where: { hint.contains("'\($0.rawValue)'") }) { meant.insert(key) }
      let advice = hint.isEmpty ? ", expected \(Diagnostics.list(Self.known))" : hint
      return diagnostics.add(entry.place, "unknown key '\(entry.key)' in \(owner.what)\(advice)")
    }
    values[key] = YAMLValue(entry.node, what: entry.key, document: owner.document)
  }

  public subscript(_ key: Key) -> YAMLValue? { values[key] }

  /// The value of a key, `nil` where it does not stand or is wrong.
  public func value<T>(_ key: Key, _ diagnostics: inout Diagnostics, _ read: (YAMLValue) throws(Fault) -> T) -> T? {
    self[key].flatMap { diagnostics.attempt($0, read) }
  }

  /// Puts the value of a key, where it stands, over a default.
  public func set<T>(
    _ target: inout T, _ key: Key, _ diagnostics: inout Diagnostics, _ read: (YAMLValue) throws(Fault) -> T
  ) {
    if let value = value(key, &diagnostics, read) { target = value }
  }

  /// The value of a key that must stand; `nil` and a diagnostic where it does not, or is wrong.
  public func required<T>(
    _ key: Key, _ diagnostics: inout Diagnostics, _ read: (YAMLValue) throws(Fault) -> T
  ) -> T? {
    if let value = self[key] { return diagnostics.attempt(value, read) }
    if isGroup, !meant.contains(key) { diagnostics.add(owner, "the key '\(key.rawValue)' is missing in \(owner.what)") }
    return nil
  }
}
