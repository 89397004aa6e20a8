public import Base

/// The keys of a server, in the order they were made.
public struct KeyList: Sendable, Hashable {
  public private(set) var keys: [AccessKey] = []

  public init() {}

  public init(_ keys: [AccessKey]) { self.keys = keys }

  /// Makes a key that is not there yet; `date` in seconds since 1970.
  public mutating func create(
    _ request: KeyRequest, at date: Int, using random: inout some RandomNumberGenerator
  ) -> NewKey {
    while true {
      let new = NewKey(request, at: date, using: &random)
      if keys.contains(where: { $0.id == new.key.id }) { continue }
      keys.append(new.key)
      return new
    }
  }

  /// Takes a key away and answers what it was; its id alone, or as part of the text that was shown, names it.
  public mutating func revoke(_ name: String) throws(Fault) -> AccessKey {
    let id = KeyText.id(of: name) ?? (name.hasPrefix(KeyText.prefix) ? String(name.dropFirst(3)) : name)
    guard let index = keys.firstIndex(where: { $0.id == id }) else {
      let hint = Suggestion.hint(for: id, among: keys.map(\.id))
      throw Fault(.notFound, "there is no key '\(id)'\(hint); see 'ridley key list'")
    }
    return keys.remove(at: index)
  }
}
