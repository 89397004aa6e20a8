public import Base

/// An object whose keys are the cases of `Key`, each at most once.
///
/// Made whole or not at all. A key that stands twice is a fault, since readers do not agree on which one counts.
public struct JSONFields<Key: RawRepresentable<String> & CaseIterable & Hashable> {
  public enum Others: Sendable {
    /// A key that `Key` does not have is a fault with a suggestion.
    case refused
    /// It is left alone.
    case ignored
  }

  private let owner: JSONValue
  private var values: [Key: JSONValue] = [:]

  init(_ owner: JSONValue, others: Others) throws(Fault) {
    self.owner = owner
    for (name, value) in try owner.members() {
      guard let key = Key(rawValue: name) else {
        if others == .ignored { continue }
        let known = Key.allCases.map(\.rawValue)
        let hint = Spelling.hint(for: JSONValue.short(name), among: known)
        let advice = hint.isEmpty ? ", expected \(known.joined(separator: ", "))" : hint
        throw owner.fault("the key '\(JSONValue.short(name))' is not known here\(advice)")
      }
      guard values.updateValue(value, forKey: key) == nil else {
        throw owner.fault("the key '\(name)' stands here twice")
      }
    }
  }

  /// What a key is set to, `nil` where it does not stand; null is a value.
  public subscript(_ key: Key) -> JSONValue? { values[key] }

  /// What a key is set to, `nil` where it does not stand or is null: writers do not agree on how to leave a value out.
  public func given(_ key: Key) -> JSONValue? { values[key].flatMap { $0.isNull ? nil : $0 } }

  public func required(_ key: Key) throws(Fault) -> JSONValue {
    guard let value = values[key] else { throw owner.fault("the key '\(key.rawValue)' is missing") }
    return value
  }
}
