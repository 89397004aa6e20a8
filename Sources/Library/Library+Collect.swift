public import Base
internal import Catalog
internal import Items
public import Objects
internal import Store

extension Library {
  /// Takes away the bytes that nothing refers to any more; what is being written, uploaded or published meanwhile stays.
  ///
  /// One at a time: where another collects already, this does nothing and answers `nil`.
  public func collect() throws(Fault) -> Objects.Collection? {
    try checkPlace()
    try removeRemains()
    do {
      return try objects.collect { (shard) throws(Fault) in try referenced(shard) }
    } catch  where error.kind == .unavailable { return nil }
  }

  /// The objects of one part that an item refers to.
  private func referenced(_ shard: String) throws(Fault) -> Set<ObjectName> {
    var (names, token) = (Set<ObjectName>(), PageToken?.none)
    repeat {
      let page = try table.items(Query(LibraryKeys.objectPartition(shard), limit: ItemLimits.pageCount), after: token)
      for item in page.elements {
        if let digest = CompositeKey.parts(of: item.key.sort).first, let name = ObjectName(digest) {
          names.insert(name)
        }
      }
      token = page.next
    } while token != nil
    return names
  }
}
