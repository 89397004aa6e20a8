public import Base
public import Catalog
internal import Items
public import Objects
internal import Store

/// Lighter renditions of films: made by whoever needs one first, and kept as long as their asset is there.
extension Library {
  /// The renditions of an asset, in the order of their keys.
  public func renditions(of asset: ULID) throws(Fault) -> [KeptRendition] {
    var found: [KeptRendition] = []
    try table.forEach(Query(LibraryKeys.renditionPartition(asset))) { (item) throws(Fault) in
      found.append(try KeptRendition(item))
    }
    return found
  }

  /// The one that was made under a key; `nil` where there is none.
  ///
  /// That its objects are there and sound is not said.
  public func rendition(of asset: ULID, key: String) throws(Fault) -> KeptRendition? {
    try table.get(LibraryKeys.rendition(asset, key: key)).map { (item) throws(Fault) in try KeptRendition(item) }
  }

  /// Writes a rendition down whose objects are there, and held by `objects`; the one that is there from then on.
  ///
  /// That is another's where two were made at the same time, unless it `replaces` what stands there. Faults: `notFound` where the asset was deleted meanwhile.
  public func keep(
    _ rendition: KeptRendition, holding objects: [StoredObject], replaces: Bool = false
  ) throws(Fault) -> KeptRendition {
    defer { withExtendedLifetime(objects) {} }
    return try change("the asset '\(rendition.asset)'") { () throws(Fault) in
      try Self.check(objects)
      let asset = try asset(rendition.asset.text, scope: .all)
      let old = try table.get(rendition.itemKey)
      let before = try old.map { (item) throws(Fault) in try KeptRendition(item) }
      if let before, !replaces { return ([], before) }
      let (new, gone) = (rendition.references, before?.references ?? [])
      let writes: [Write] =
        [
          .put(rendition.itemKey, rendition.json, if: old.map { .version($0.version) } ?? .absent),
          // One that is deleted meanwhile gets none any more.
          .check(LibraryKeys.asset(rendition.asset), if: .version(asset.version)),
        ] + new.map { .put($0, Array("{}".utf8)) } + gone.filter { !new.contains($0) }.map { .delete($0) }
      return (writes, rendition)
    }
  }

  /// An object from a file of this machine, which stays; one that is there and sound is not written again.
  public func put(file path: String, digest: String, each: () -> Void = {}) throws(Fault) -> StoredObject {
    let byteCount = try FileSystem.byteCount(of: path)
    if let name = ObjectName(digest), let lease = try objects.lease(name),
      try objects.verify(name, each: each) == .sound
    {
      return StoredObject(name: name, byteCount: byteCount, lease: lease)
    }
    var plan = ObjectPlan(byteCount: byteCount)
    plan.name = ObjectName(digest)
    let writer = try objects.write(plan)
    try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in
      try writer.append(block.span.bytes)
      each()
    }
    return try writer.finish()
  }

  /// Renditions of an asset that is gone.
  func removeRenditions(of id: ULID) throws(Fault) {
    while true {
      let items = try table.items(Query(LibraryKeys.renditionPartition(id), limit: 20)).elements
      if items.isEmpty { return }
      for item in items {
        let references = try KeptRendition(item).references
        _ = try table.write([.delete(item.key)] + references.map { .delete($0) })
      }
    }
  }
}
