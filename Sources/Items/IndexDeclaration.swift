internal import Base
internal import JSON

/// A second way to items: a pure function of their bodies, kept in step by the table in the transaction that writes them.
///
/// Because the body alone decides, no writer can forget an entry or leave an old one, and an index can be compared with a rebuild. An item
/// that lacks one of the attributes has no entry (a sparse index).
public struct IndexDeclaration: Sendable, Hashable {
  /// A part of a key, as `CompositeKey` joins them.
  public enum Part: Sendable, Hashable {
    case text(String)
    /// A string as it is, or a whole number in the form of `CompositeKey.number`.
    case attribute(String)
    /// A member, a string, of the element at a place of an array of objects.
    case element(of: String, at: Int, String)
  }

  /// Lower-case letters, digits and `-`.
  public let name: String
  public let partition: [Part]
  public let sort: [Part]
  /// Members of the body that an entry carries, so that a list is read without the items.
  public let projection: [String]

  public init(_ name: String, partition: [Part], sort: [Part], projection: [String]) {
    (self.name, self.partition, self.sort, self.projection) = (name, partition, sort, projection)
  }

  /// The entry of an item, `nil` where it has none.
  ///
  /// Faults are `badInput`: an attribute that is neither text nor a whole number, or a key that becomes too long.
  func entry(of body: ItemBody) throws(Fault) -> IndexEntry.Content? {
    guard let partition = try partition.key(of: body, index: name), let sort = try sort.key(of: body, index: name)
    else {
      return nil
    }
    return IndexEntry.Content(partition: partition, sort: sort, attributes: body.projected(to: projection))
  }

  /// One line that is another one whenever the index is.
  public var canonicalText: String {
    [partition.canonicalText, sort.canonicalText, CompositeKey.joined(projection)].joined(separator: " / ")
  }
}

extension [IndexDeclaration.Part] {
  /// The key that these parts make of a body; `nil` where an attribute is not there.
  func key(of body: ItemBody, index: String) throws(Fault) -> String? {
    var texts: [String] = []
    for part in self {
      switch part {
      case .text(let text): texts.append(text)
      case .attribute(let name):
        guard let text = try body.keyText(name) else { return nil }
        texts.append(text)
      case .element(let name, let place, let member):
        guard let text = try body.keyText(name, at: place, member) else { return nil }
        texts.append(text)
      }
    }
    let key = CompositeKey.joined(texts)
    try ItemKey.check(key, "key in the index '\(index)'")
    return key
  }

  var canonicalText: String {
    let words = map { part in
      switch part {
      case .text(let text): "text " + text
      case .attribute(let name): "attribute " + name
      case .element(let name, let place, let member): "element \(place) of \(name) \(member)"
      }
    }
    return CompositeKey.joined(words)
  }
}

/// An item as an index shows it.
public struct IndexEntry: Sendable {
  /// What the body of an item makes of it.
  public struct Content: Sendable {
    public let partition: String
    public let sort: String
    /// One JSON object with the projected members that the body has, in the order of the declaration.
    public let attributes: [UInt8]

    public init(partition: String, sort: String, attributes: [UInt8]) {
      (self.partition, self.sort, self.attributes) = (partition, sort, attributes)
    }
  }

  public let key: ItemKey
  public let version: ItemVersion
  /// In the index.
  public let sort: String
  /// One JSON object with the projected members.
  public let attributes: [UInt8]
  /// Where the table keeps the item, as far as it knows; for the table alone, and no part of what an entry is.
  public let row: Int?

  public init(key: ItemKey, version: ItemVersion, sort: String, attributes: [UInt8], row: Int? = nil) {
    (self.key, self.version, self.sort, self.attributes, self.row) = (key, version, sort, attributes, row)
  }

  /// Where an entry stands in its partition: by sort key, entries of one sort key by the key of their item.
  public static func place(sort: String, key: ItemKey) -> [UInt8] {
    Array(sort.utf8) + [0] + Array(key.partition.utf8) + [0] + Array(key.sort.utf8)
  }

  /// What ``place(sort:key:)`` was made of; `nil` for other bytes.
  public static func parts(ofPlace place: [UInt8]) -> (sort: String, key: ItemKey)? {
    let parts = place.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let texts = parts.map { String(decoding: $0, as: UTF8.self) }
    return (texts[0], ItemKey(texts[1], texts[2]))
  }
}

extension IndexEntry: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    a.key == b.key && a.version == b.version && a.sort.hasSameBytes(as: b.sort) && a.attributes == b.attributes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(version)
  }
}

extension IndexEntry.Content: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    a.partition.hasSameBytes(as: b.partition) && a.sort.hasSameBytes(as: b.sort) && a.attributes == b.attributes
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(attributes) }
}
