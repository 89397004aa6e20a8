internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Planning
internal import Store

extension JobDesk {
  /// Takes away what an item needed while it was worked at.
  func clear(_ item: JobItem) throws(Fault) {
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
    guard let digest = item.plan, let bytes = try? library.read(digest) else { return }
    var gone = [LibraryKeys.reference(digest, by: item.job, item.use("plan"))]
    if let index = try TaskPlan(bytes: bytes).index {
      gone.append(LibraryKeys.reference(index.digest, by: item.job, item.use("frames")))
    }
    _ = try library.table.write(gone.map { .delete($0) })
  }
}
