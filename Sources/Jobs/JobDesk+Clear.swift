internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

extension JobDesk {
  /// Takes away what an item that was cut needed while it was worked at.
  func clear(_ item: JobItem) throws(Fault) {
    guard item.plan != nil else { return }
    let prefix = LibraryKeys.jobPieces(item.number, generation: item.generation)
    let query = Query(LibraryKeys.jobPartition(item.job), .prefix(prefix), limit: ItemLimits.writeCount / 2)
    while true {
      let pieces = try library.table.items(query).elements
      if pieces.isEmpty { break }
      var writes: [Write] = []
      for found in pieces {
        let answers = try JobPiece(found).answers
        writes += [.delete(found.key), .delete(LibraryKeys.reference(answers, by: item.job, found.key.sort))]
      }
      _ = try library.table.write(writes)
    }
    _ = try library.table.write(item.references.map { .delete($0) })
  }
}
