internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Store

/// What stands in the library of the files that were taken.
extension PlaceWatch {
  func key(_ file: String, _ trigger: Trigger) -> ItemKey {
    LibraryKeys.watched(client: trigger.client, trigger.id, digest: SHA256.hex(of: Array(file.utf8)))
  }

  /// Writes down that files were taken, with the job that they start.
  func commit(_ taken: inout [(FoundFile, WatchedFile)], _ trigger: Trigger) throws(Fault) {
    guard !taken.isEmpty else { return }
    let files = taken.map(\.1)
    let (place, keys) = (LibraryKeys.trigger(trigger.client, trigger.id), files.map { key($0.path, trigger) })
    try library.change("the trigger '\(trigger.id)'") { () throws(Fault) in
      // One that is removed or held meanwhile takes nothing.
      guard let item = try library.table.get(place), try !Trigger(item).isPaused else { return ([], ()) }
      var (writes, pairs) = ([Write](), [TriggerStart.Pair]())
      for ((file, key), found) in zip(zip(files, keys), try library.table.get(keys)) {
        if try found.map(WatchedFile.init)?.state == file.state { continue }
        writes.append(.put(key, file.json, if: found.map { .version($0.version) } ?? .absent))
        if let asset = file.asset { pairs.append(TriggerStart.Pair(trigger: trigger.id, asset: asset)) }
      }
      if writes.isEmpty { return ([], ()) }
      writes += try start.writes(pairs)
      if !writes.contains(where: { $0.key == place }) { writes.append(.check(place, if: .version(item.version))) }
      return (writes, ())
    }
    try start.handOut()
    for (file, _) in taken { finish(file, trigger) }
    taken = []
  }

  /// Now and then: what was taken and is gone from a place is not remembered for ever.
  func forgetGone(
    _ place: any WatchedPlace, _ trigger: Trigger, _ goesOn: () throws(Fault) -> Bool
  ) throws(Fault) {
    guard place.isRemote, memory.update({ $0[trigger.id].isTimeToForget(at: Clock.now) }) else { return }
    let query = Query(LibraryKeys.watchedPartition(trigger.client), .prefix(LibraryKeys.watched(trigger.id)))
    try library.table.forEach(query) { (item) throws(Fault) in
      let file = try WatchedFile(item)
      guard memory.update({ !$0[trigger.id].isThere(file.path) }), try goesOn(), try place.isGone(file.path) else {
        return
      }
      _ = try library.table.write([.delete(item.key, if: .version(item.version))])
    }
  }
}
