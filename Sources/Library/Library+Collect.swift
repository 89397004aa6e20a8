public import Base
internal import Catalog
internal import Items
public import Objects
internal import Store

extension Library {
  /// Takes away the bytes that nothing refers to any more; what is being written, uploaded or published meanwhile stays.
  ///
  /// One at a time: where another collects already, this does nothing and answers `nil`. What is left of deleted assets and cannot be
  /// read stays, and is the fault once the rest is done. The fault is `closed` where `goesOn` said no, which is asked every now and then.
  public func collect(goesOn: () -> Bool = { true }) throws(Fault) -> Objects.Collection? {
    try checkPlace()
    var unreadable: Fault?
    do throws(Fault) { try removeRemains() } catch {
      guard error.kind == .badInput else { throw error }
      unreadable = error
    }
    let collected: Objects.Collection?
    do {
      collected = try objects.collect { (shard) throws(Fault) in
        guard goesOn() else { throw Fault(.closed, "there was no time left to collect bytes") }
        return try referenced(shard)
      }
    } catch  where error.kind == .unavailable { collected = nil }
    if let unreadable { throw unreadable }
    return collected
  }

  /// Reads every object that an item refers to and holds it against its digest; the names of those that are missing or changed.
  ///
  /// As long as the disk needs for all of them; `progress` hears how many were read.
  public func damagedObjects(progress: (Int) -> Void = { _ in }) throws(Fault) -> [String] {
    var (damaged, count) = ([String](), 0)
    for shard in ObjectName.shards {
      for name in try referenced(shard).sorted() {
        if try objects.verify(name, each: {}) != .sound { damaged.append(name.digest) }
        count += 1
        progress(count)
      }
    }
    return damaged
  }

  /// The objects of one part that an item refers to.
  func referenced(_ shard: String, in reader: (any TableReader)? = nil) throws(Fault) -> Set<ObjectName> {
    var names: Set<ObjectName> = []
    try (reader ?? table).forEach(Query(LibraryKeys.objectPartition(shard), limit: ItemLimits.pageCount)) { item in
      if let digest = CompositeKey.parts(of: item.key.sort).first, let name = ObjectName(digest) { names.insert(name) }
    }
    return names
  }
}
