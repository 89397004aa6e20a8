public import Base

/// Items of one partition in the order of their sort keys, or entries of one partition of an index in theirs.
///
/// There is no query without a partition, so none that reads a whole table.
public struct Query: Sendable, Hashable {
  public enum Order: Sendable, Hashable { case ascending, descending }

  public enum Range: Sendable, Hashable {
    case all
    /// Sort keys that begin so.
    case prefix(String)
    /// Both ends belong to it.
    case between(String, String)
  }

  public let partition: String
  public let range: Range
  public let order: Order
  /// Elements of a page, at most.
  public let limit: Int

  public init(_ partition: String, _ range: Range = .all, order: Order = .ascending, limit: Int = 100) {
    (self.partition, self.range, self.order, self.limit) = (partition, range, order, limit)
  }

  public func check() throws(Fault) {
    try ItemKey.check(partition, "partition key")
    guard (1...ItemLimits.pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) elements: it has 1 to \(ItemLimits.pageCount)")
    }
    let ends =
      switch range {
      case .all: [String]()
      case .prefix(let text): [text]
      case .between(let lower, let upper): [lower, upper]
      }
    for end in ends {
      guard end.utf8.count <= ItemLimits.keyByteCount, !end.utf8.contains(0) else {
        throw Fault(.badInput, "an end of a range has at most \(ItemLimits.keyByteCount) bytes, and no NUL")
      }
    }
  }

  /// The same query after a token: what comes first must stand behind `place` in the query's order.
  public struct Bounds: Sendable, Hashable {
    /// It belongs to the range.
    public var lower: [UInt8]
    /// It does not belong to the range; `nil` where the range has no end.
    public var upper: [UInt8]?

    public func contains(_ place: [UInt8]) -> Bool {
      !place.lexicographicallyPrecedes(lower) && (upper.map { place.lexicographicallyPrecedes($0) } ?? true)
    }
  }

  /// Bytes between which places of this query lie, where a place is a sort key, or begins with one and NUL.
  ///
  /// Behind `place`, where one is given: the last of the page before.
  public func bounds(after place: [UInt8]?) -> Bounds {
    var bounds =
      switch range {
      case .all: Bounds(lower: [], upper: nil)
      case .prefix(let text): Bounds(lower: Array(text.utf8), upper: Self.successor(ofPrefix: Array(text.utf8)))
      // 1 is the first byte that can stand behind a key which is not its end: NUL cannot
      case .between(let lower, let upper): Bounds(lower: Array(lower.utf8), upper: Array(upper.utf8) + [1])
      }
    guard let place else { return bounds }
    switch order {
    case .ascending: bounds.lower = place + [0]
    case .descending: bounds.upper = place
    }
    return bounds
  }

  /// The first bytes that stand behind all that begin so; bytes of UTF-8 never are 255.
  private static func successor(ofPrefix bytes: [UInt8]) -> [UInt8]? {
    guard let last = bytes.last else { return nil }
    return bytes.dropLast() + [last + 1]
  }
}
