public import Base

/// An object whose keys are the cases of `Key`, each at most once.
///
/// Made whole or not at all. A key that stands twice is a fault, since readers do not agree on which one counts.
public struct JSONFields<Key: RawRepresentable<String> & CaseIterable> {
  public enum Others: Sendable {
    /// A key that `Key` does not have is a fault with a suggestion.
    case refused
    /// It is left alone.
    case ignored
  }

  private let owner: JSONValue
  /// Few, so they are quicker to look through than to hash.
  private var entries: [Entry] = []

  init(_ owner: JSONValue, others: Others) throws(Fault) {
    self.owner = owner
    for (name, value) in try owner.members() {
      guard Key(rawValue: name) != nil else {
        if others == .ignored { continue }
        let known = Key.allCases.map(\.rawValue)
        let hint = Suggestion.hint(for: JSONValue.short(name), among: known)
        let advice = hint.isEmpty ? ", expected \(known.joined(separator: ", "))" : hint
        throw owner.fault("the key '\(JSONValue.short(name))' is not known here\(advice)")
      }
      guard entries.value(of: name) == nil else { throw owner.fault("the key '\(name)' stands here twice") }
      entries.append(Entry(name: name, value: value))
    }
  }

  /// What a key is set to, `nil` where it does not stand; null is a value.
  public subscript(_ key: Key) -> JSONValue? { entries.value(of: key.rawValue) }

  /// What a key is set to, `nil` where it does not stand or is null: writers do not agree on how to leave a value out.
  public func given(_ key: Key) -> JSONValue? {
    guard let value = self[key], !value.isNull else { return nil }
    return value
  }

  public func required(_ key: Key) throws(Fault) -> JSONValue {
    guard let value = self[key] else { throw owner.fault("the key '\(key.rawValue)' is missing") }
    return value
  }
}

private struct Entry: Sendable {
  let name: String
  let value: JSONValue
}

extension [Entry] {
  fileprivate func value(of name: String) -> JSONValue? { first { $0.name == name }?.value }
}
