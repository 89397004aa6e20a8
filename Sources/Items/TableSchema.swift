public import Base

/// What a table is declared to be, beside the entities that live in it; engines know nothing else of them.
public struct TableSchema: Sendable, Hashable {
  /// Higher by one whenever indexes come, go or change.
  public let version: Int
  public let indexes: [IndexDeclaration]
  public let texts: [TextIndexDeclaration]
  /// What partitions begin with whose items leave no changes: positions of readers, leases.
  public let unrecorded: [String]

  /// Names of indexes must be different, of lower-case letters, digits and `-`, and no key may be without parts.
  public init(
    version: Int, indexes: [IndexDeclaration], texts: [TextIndexDeclaration] = [], unrecorded: [String] = []
  ) {
    precondition(version > 0, "schema versions begin at 1")
    let names = indexes.map(\.name) + texts.map(\.name)
    precondition(Set(names).count == names.count, "two indexes of one name")
    for name in names {
      let isPlain = name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
      precondition(isPlain && !name.isEmpty, "'\(name)' is no name for an index")
    }
    let keys = indexes.flatMap { [$0.partition, $0.sort] } + texts.map(\.partition)
    precondition(keys.allSatisfy { !$0.isEmpty }, "an index has a key without parts")
    (self.version, self.indexes, self.texts, self.unrecorded) = (version, indexes, texts, unrecorded)
  }

  /// Whether writes of an item stand among the changes.
  public func records(_ key: ItemKey) -> Bool {
    !unrecorded.contains { key.partition.utf8.starts(with: $0.utf8) }
  }

  /// What a body makes of an item in every index; `nil` where it has no entry.
  public struct Entries: Sendable {
    /// In the order of ``TableSchema/indexes``.
    public let indexes: [IndexEntry.Content?]
    /// In the order of ``TableSchema/texts``.
    public let texts: [TextEntry?]

    public init(indexes: [IndexEntry.Content?], texts: [TextEntry?]) { (self.indexes, self.texts) = (indexes, texts) }
  }

  /// What an item has in each of the indexes.
  ///
  /// Faults are `badInput`: the body is not one JSON object, or an attribute is nothing that the index can take.
  public func entries(of body: [UInt8], at key: ItemKey) throws(Fault) -> Entries {
    let body = try ItemBody(body, of: key)
    var (entries, texts): ([IndexEntry.Content?], [TextEntry?]) = ([], [])
    for index in indexes {
      do { entries.append(try index.entry(of: body)) } catch { throw error.at("the index '\(index.name)'") }
    }
    for index in self.texts {
      do { texts.append(try index.entry(of: body)) } catch { throw error.at("the index '\(index.name)'") }
    }
    return Entries(indexes: entries, texts: texts)
  }

  /// Where an index stands in ``indexes``.
  ///
  /// The fault is `bug`: a query by an index that was not declared would have to read everything.
  public func number(of index: IndexDeclaration) throws(Fault) -> Int {
    guard let number = indexes.firstIndex(of: index) else { throw Self.undeclared(index.name) }
    return number
  }

  /// Where an index stands in ``texts``; the fault is `bug`, as for other indexes.
  public func number(of index: TextIndexDeclaration) throws(Fault) -> Int {
    guard let number = texts.firstIndex(of: index) else { throw Self.undeclared(index.name) }
    return number
  }

  private static func undeclared(_ name: String) -> Fault {
    Fault(.bug, "there is no index '\(name)' as it is asked for: declare it in the table's schema")
  }
}
