public import Base

/// Where an item stands: its partition, and its place in the partition's order.
///
/// Both are text and are compared byte by byte, never as characters: two spellings of `é` are two keys, and `Z` stands before `a`.
public struct ItemKey: Sendable {
  public let partition: String
  public let sort: String

  public init(_ partition: String, _ sort: String) { (self.partition, self.sort) = (partition, sort) }
}

extension ItemKey: Hashable {
  public static func == (a: ItemKey, b: ItemKey) -> Bool {
    a.partition.hasSameBytes(as: b.partition) && a.sort.hasSameBytes(as: b.sort)
  }

  public func hash(into hasher: inout Hasher) {
    for text in [partition, sort] {
      for byte in text.utf8 { hasher.combine(byte) }
      hasher.combine(UInt8(0))
    }
  }
}

extension ItemKey: Comparable {
  public static func < (a: ItemKey, b: ItemKey) -> Bool {
    if a.partition.hasSameBytes(as: b.partition) { return a.sort.isBefore(b.sort) }
    return a.partition.isBefore(b.partition)
  }
}

extension ItemKey: CustomStringConvertible {
  public var description: String { "\(partition) / \(sort)" }
}

extension String {
  /// Swift's own `==` takes two spellings of a character for one text; keys do not.
  public func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  public func isBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension ItemKey {
  /// Faults are `badInput`: a part that is empty, too long, or holds NUL, which engines do not take and ranges are cut with.
  public func check() throws(Fault) {
    try Self.check(partition, "partition key")
    try Self.check(sort, "sort key")
  }

  static func check(_ text: String, _ what: String) throws(Fault) {
    let count = text.utf8.count
    guard (1...ItemLimits.keyByteCount).contains(count) else {
      throw Fault(.badInput, "a \(what) of \(count) bytes: it has 1 to \(ItemLimits.keyByteCount)")
    }
    guard !text.utf8.contains(0) else { throw Fault(.badInput, "a \(what) holds the character NUL") }
  }
}
