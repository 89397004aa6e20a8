public import Base

/// A map whose keys are the cases of `Key` and no others.
///
/// Made whole or not at all: a key that `Key` does not have is a fault with a suggestion.
public struct YAMLFields<Key: RawRepresentable<String> & CaseIterable & Hashable> {
  private let owner: YAMLValue
  private var values: [Key: YAMLValue] = [:]

  init(_ owner: YAMLValue) throws(Fault) {
    self.owner = owner
    guard case .map(let entries) = owner.node.kind else { throw owner.unfit("a group of keys") }
    for entry in entries {
      guard let key = Key(rawValue: entry.key) else {
        let known = Key.allCases.map(\.rawValue)
        let hint = Suggestion.hint(for: entry.key, among: known)
        let advice = hint.isEmpty ? ", expected \(YAMLValue.list(known))" : hint
        throw fault(owner.document, entry.place, "unknown key '\(entry.key)' in \(owner.what)\(advice)")
      }
      values[key] = YAMLValue(entry.node, what: entry.key, document: owner.document)
    }
  }

  /// What a key is set to, `nil` where it does not stand.
  public subscript(_ key: Key) -> YAMLValue? { values[key] }

  public func required(_ key: Key) throws(Fault) -> YAMLValue {
    guard let value = values[key] else { throw owner.fault("the key '\(key.rawValue)' is missing in \(owner.what)") }
    return value
  }
}
