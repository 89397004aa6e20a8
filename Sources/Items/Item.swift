/// A body under a key, as it was at one moment.
public struct Item: Sendable, Hashable {
  public let key: ItemKey
  public let version: ItemVersion
  /// One JSON object in UTF-8, byte for byte as it was put.
  public let body: [UInt8]

  public init(key: ItemKey, version: ItemVersion, body: [UInt8]) {
    (self.key, self.version, self.body) = (key, version, body)
  }
}

/// Which writing of an item this is; no two writings in the life of a table have the same, also where an item is deleted and made anew.
///
/// Versions are compared for being the same and for nothing else.
public struct ItemVersion: Sendable, Hashable {
  public let number: Int

  public init(_ number: Int) { self.number = number }

  /// From what ``text`` gave; `nil` for any other text.
  public init?(text: String) {
    guard let number = Int(text), number > 0, String(number) == text else { return nil }
    self.number = number
  }

  public var text: String { String(number) }
}
