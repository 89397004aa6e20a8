internal import Base
internal import YAML

/// A map whose keys are the cases of `Key`; unlike `YAMLFields`, everything that is wrong with it is told, not the first.
///
/// Nothing at all counts as a map without keys: `track:` is a step with its defaults.
struct Section<Key: RawRepresentable<String> & CaseIterable & Hashable> {
  let owner: YAMLValue
  /// It is a group of keys, or nothing at all; else that was complained about.
  private(set) var isGroup = true
  private var values: [Key: YAMLValue] = [:]

  init(_ owner: YAMLValue, _ complaints: inout Complaints) {
    self.owner = owner
    switch owner.node.kind {
    case .map(let entries):
      for entry in entries { read(entry, &complaints) }
    case .scalar("", quoted: false), .scalar("~", quoted: false), .scalar("null", quoted: false): break
    case .scalar(let text, _):
      isGroup = false
      complaints.add(owner, "'\(text)' is a single value, \(owner.what) must be \(Self.wanted)")
    case .list:
      isGroup = false
      complaints.add(owner, "this is a list, \(owner.what) must be \(Self.wanted)")
    }
  }

  private static var known: [String] { Key.allCases.map(\.rawValue) }
  private static var wanted: String { "a group of keys: \(Complaints.list(known))" }

  private mutating func read(_ entry: YAMLEntry, _ complaints: inout Complaints) {
    guard let key = Key(rawValue: entry.key) else {
      let hint = Suggestion.hint(for: entry.key, among: Self.known)
      let advice = hint.isEmpty ? ", expected \(Complaints.list(Self.known))" : hint
      return complaints.add(entry.place, "unknown key '\(entry.key)' in \(owner.what)\(advice)")
    }
    values[key] = YAMLValue(entry.node, what: entry.key, document: owner.document)
  }

  subscript(_ key: Key) -> YAMLValue? { values[key] }

  /// The value of a key, `nil` where it does not stand or is wrong.
  func value<T>(_ key: Key, _ complaints: inout Complaints, _ read: (YAMLValue) throws(Fault) -> T) -> T? {
    self[key].flatMap { complaints.attempt($0, read) }
  }

  /// Puts the value of a key, where it stands, over a default.
  func set<T>(
    _ target: inout T, _ key: Key, _ complaints: inout Complaints, _ read: (YAMLValue) throws(Fault) -> T
  ) {
    if let value = value(key, &complaints, read) { target = value }
  }
}
