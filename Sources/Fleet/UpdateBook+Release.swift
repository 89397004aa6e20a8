public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store
internal import Updates

/// The bytes of old updates leave the centre's library.
extension UpdateBook {
  /// Milliseconds that an update that is being begun may take from the first word of what it needs to its own.
  private static let settling = 3_600_000

  /// Lets go of the bytes that only spent updates need: the library's next collection takes them.
  ///
  /// Their texts stay. Done again, or by several servers, it changes nothing. What goes wrong with one is told to `complain`, and is tried again at the
  /// next call.
  public func release(complain: (Fault) -> Void) throws(Fault) {
    let (updates, latest) = (try updates(), library.now - Self.settling)
    let spent = updates.spent.filter { !$0.hasReleasedBytes && $0.began < latest }
    guard !spent.isEmpty else { return }
    // One that cannot be read may need anything.
    var needed: Set<String> = []
    let going = Set(spent.map(\.version))
    for update in updates where !update.hasReleasedBytes && !going.contains(update.version) {
      needed.formUnion(try bundle(of: update).unchecked().blobs.map(\.sha256))
    }
    for update in spent {
      do throws(Fault) {
        let digests = try bundle(of: update).unchecked().blobs.map(\.sha256)
        for digest in digests where !needed.contains(digest) { try forget(digest, before: latest) }
        try write(update.releasingBytes(), after: update)
      } catch { complain(error.at("the bytes of update \(update.version)")) }
    }
  }

  /// Takes away what updates said of bytes; what was said lately may be of one that is being begun.
  private func forget(_ digest: String, before moment: Int) throws(Fault) {
    let query = Query(
      LibraryKeys.objectPartition(String(digest.prefix(2))), .prefix(CompositeKey.prefix(digest)),
      limit: ItemLimits.pageCount)
    var keys: [ItemKey] = []
    try library.table.forEach(query) { (item) in
      let parts = CompositeKey.parts(of: item.key.sort)
      guard parts.count == 3, parts[2].hasSameBytes(as: Self.use), let id = ULID(parts[1]), id.milliseconds < moment
      else { return }
      keys.append(item.key)
    }
    for start in stride(from: 0, to: keys.count, by: ItemLimits.writeCount) {
      let part = keys[start..<Swift.min(start + ItemLimits.writeCount, keys.count)]
      _ = try library.table.write(part.map { .delete($0) })
    }
  }
}
