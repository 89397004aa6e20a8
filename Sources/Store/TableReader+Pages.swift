public import Base
public import Items

extension TableReader {
  public var findsWords: Bool { true }

  public func get(_ key: ItemKey) throws(Fault) -> Item? { try get([key])[0] }

  public func items(of entries: [IndexEntry]) throws(Fault) -> [Item?] { try get(entries.map(\.key)) }

  public func items(_ query: Query) throws(Fault) -> Page<Item> { try items(query, after: nil) }

  public func entries(of index: IndexDeclaration, _ query: Query) throws(Fault) -> Page<IndexEntry> {
    try entries(of: index, query, after: nil)
  }

  public func matches(of index: TextIndexDeclaration, _ query: TextQuery) throws(Fault) -> Page<Item> {
    try matches(of: index, query, after: nil)
  }

  /// Those of any number of items that are there, in the order of their keys.
  public func present(_ keys: [ItemKey]) throws(Fault) -> [Item] {
    var (items, rest) = ([Item](), keys[...])
    while !rest.isEmpty {
      items += try get(Array(rest.prefix(ItemLimits.batchCount))).compactMap { $0 }
      rest = rest.dropFirst(ItemLimits.batchCount)
    }
    return items
  }

  /// Those of the items that any number of entries lead to that are there, in the order of the entries.
  public func present(of entries: [IndexEntry]) throws(Fault) -> [Item] {
    var (found, rest) = ([Item](), entries[...])
    while !rest.isEmpty {
      found += try items(of: Array(rest.prefix(ItemLimits.batchCount))).compactMap { $0 }
      rest = rest.dropFirst(ItemLimits.batchCount)
    }
    return found
  }

  /// Every item of a query, page after page.
  public func forEach(_ query: Query, _ body: (Item) throws(Fault) -> Void) throws(Fault) {
    var token: PageToken?
    repeat {
      let page = try items(query, after: token)
      for item in page.elements { try body(item) }
      token = page.next
    } while token != nil
  }

  /// Every entry of a query by an index, page after page.
  public func forEach(
    _ query: Query, of index: IndexDeclaration, _ body: (IndexEntry) throws(Fault) -> Void
  ) throws(Fault) {
    var token: PageToken?
    repeat {
      let page = try entries(of: index, query, after: token)
      for entry in page.elements { try body(entry) }
      token = page.next
    } while token != nil
  }
}
