public import Base

/// What a table is declared to be, beside the entities that live in it; engines know nothing else of them.
public struct TableSchema: Sendable, Hashable {
  /// Higher by one whenever indexes come, go or change.
  public let version: Int
  public let indexes: [IndexDeclaration]
  /// What partitions begin with whose items leave no changes: positions of readers, leases.
  public let unrecorded: [String]

  /// Names of indexes must be different, of lower-case letters, digits and `-`, and no key may be without parts.
  public init(version: Int, indexes: [IndexDeclaration], unrecorded: [String] = []) {
    precondition(version > 0, "schema versions begin at 1")
    precondition(Set(indexes.map(\.name)).count == indexes.count, "two indexes of one name")
    for index in indexes {
      let isPlain = index.name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
      precondition(isPlain && !index.name.isEmpty, "'\(index.name)' is no name for an index")
      precondition(!index.partition.isEmpty && !index.sort.isEmpty, "the index '\(index.name)' has a key without parts")
    }
    (self.version, self.indexes, self.unrecorded) = (version, indexes, unrecorded)
  }

  /// Whether writes of an item stand among the changes.
  public func records(_ key: ItemKey) -> Bool {
    !unrecorded.contains { key.partition.utf8.starts(with: $0.utf8) }
  }

  /// What an item has in each of the indexes, in their order.
  ///
  /// Faults are `badInput`: the body is not one JSON object, or an attribute is nothing that a key is made of.
  public func entries(of body: [UInt8], at key: ItemKey) throws(Fault) -> [IndexEntry.Content?] {
    let body = try ItemBody(body, of: key)
    var entries: [IndexEntry.Content?] = []
    for index in indexes {
      do { entries.append(try index.entry(of: body)) } catch { throw error.at("the index '\(index.name)'") }
    }
    return entries
  }

  /// Where an index stands in ``indexes``.
  ///
  /// The fault is `bug`: a query by an index that was not declared would have to read everything.
  public func number(of index: IndexDeclaration) throws(Fault) -> Int {
    guard let number = indexes.firstIndex(of: index) else {
      throw Fault(.bug, "there is no index '\(index.name)' as it is asked for: declare it in the table's schema")
    }
    return number
  }
}
