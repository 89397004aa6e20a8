package import Base
internal import Catalog
internal import Items
internal import Store

extension Library {
  /// Moments of a client, the heads that name them, and the words that they are called by; how many moments that were.
  ///
  /// For a purge, behind the changes that would make them anew.
  package func deleteMoments(of client: String) throws(Fault) -> Int {
    var count = 0
    let indexes = [(LibrarySchema.moments, "MOMENTS"), (LibrarySchema.momentHeads, "MOMENT-HEADS")]
    for (index, name) in indexes {
      while true {
        let query = Query(CompositeKey.joined("CLIENT", client, name), limit: ItemLimits.writeCount / 2)
        let entries = try table.entries(of: index, query).elements
        if entries.isEmpty { break }
        let keys = entries.map(\.key)
        var references: [ItemKey] = []
        if index.name == LibrarySchema.momentHeads.name {
          // One that cannot be read names nothing that is known.
          for item in try table.present(keys) { references += (try? MomentHead(item))?.reference.map { [$0] } ?? [] }
        }
        _ = try table.write((keys + references).map { .delete($0) })
        count += index.name == LibrarySchema.moments.name ? entries.count : 0
      }
    }
    let words = Query(LibraryKeys.vocabularyPartition(client), limit: ItemLimits.writeCount)
    while true {
      let items = try table.items(words).elements
      if items.isEmpty { return count }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }
}
