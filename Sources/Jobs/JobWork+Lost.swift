internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects
internal import Store

extension JobWork {
  /// How often answers of an item may be lost; a disk that loses them more often does not keep them.
  private static let mostLostAnswers = 5

  /// Whether the answers about all pieces are there, and are those that were kept.
  ///
  /// They are not synced, so that a loss of power may take them, or their bytes. Pieces whose answers are gone are handed out again, and the merge
  /// after them.
  func hasAllAnswers(_ item: JobItem, of job: Job) throws(Fault) -> Bool {
    guard item.piecesDone == item.pieces else {
      try desk.handOut(piecesOf: item, of: job)
      return false
    }
    var lost: [Int] = []
    for piece in 0..<item.pieces {
      let key = LibraryKeys.jobPiece(item.job, item.number, generation: item.generation, piece)
      guard let found = try desk.library.table.get(key) else { return false }
      let name = ObjectName(try JobPiece(found).answers)
      let state = try name.map { (name) throws(Fault) in try desk.library.objects.verify(name, each: beat) }
      if state != .sound { lost.append(piece) }
      beat()
    }
    guard !lost.isEmpty else { return true }
    guard item.losses < Self.mostLostAnswers else {
      throw Fault(
        .badInput,
        "the answers about \(lost.count) of \(item.pieces) pieces were lost, \(item.losses) times before: the library's disk does not keep them"
      )
    }
    try forget(lost, of: item)
    if let item = try self.item(of: JobTask(.merge, of: item)), item.state == .cut {
      try desk.handOut(piecesOf: item, of: job)
    }
    return false
  }

  /// Takes it back that these pieces are done.
  private func forget(_ pieces: [Int], of item: JobItem) throws(Fault) {
    let task = JobTask(.merge, of: item)
    for start in stride(from: 0, to: pieces.count, by: ItemLimits.writeCount / 4) {
      let keys = pieces[start..<min(pieces.count, start + ItemLimits.writeCount / 4)].map {
        LibraryKeys.jobPiece(item.job, item.number, generation: item.generation, $0)
      }
      _ = try change(task) { (now, writes) throws(Fault) in
        guard now.state == .cut else { return false }
        for found in try desk.library.table.present(keys) {
          writes.append(.delete(found.key, if: .version(found.version)))
          writes.append(.delete(LibraryKeys.reference(try JobPiece(found).answers, by: item.job, found.key.sort)))
          now.piecesDone -= 1
        }
        now.losses = item.losses + 1
        return !writes.isEmpty
      }
    }
  }
}
