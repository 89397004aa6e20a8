internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store
internal import Vectors

/// The heads of a client's films that have vectors, and what they name.
struct VectorHeads {
  let client: String
  let library: Library

  private var table: any Table { library.table }

  /// In the order of their assets, whether these are still there or not.
  func all(_ gaps: inout [AnswerGap]) throws(Fault) -> [MomentHead] {
    let query = Query(CompositeKey.joined("CLIENT", client, "MOMENT-HEADS"), limit: ItemLimits.pageCount)
    var heads: [MomentHead] = []
    try table.forEach(query, of: LibrarySchema.momentHeads) { (entry) throws(Fault) in
      let item = Item(key: entry.key, version: entry.version, body: entry.attributes)
      guard let head = try gaps.reading(item, MomentHead.init) else { return }
      if head.vectors != nil, head.client.hasSameBytes(as: client) { heads.append(head) }
    }
    return heads
  }

  /// Those of one asset.
  func of(_ asset: ULID) throws(Fault) -> [MomentHead] {
    var heads: [MomentHead] = []
    try table.forEach(Query(LibraryKeys.momentPartition(asset), .prefix(LibraryKeys.momentHeads))) {
      (item) throws(Fault) in
      let head = try MomentHead(item)
      if head.vectors != nil, head.client.hasSameBytes(as: client) { heads.append(head) }
    }
    return heads
  }

  /// When assets were taken, of those that are still there and the client's; those that cannot be read are noted.
  func bases(_ assets: Set<ULID>, _ gaps: inout [AnswerGap]) throws(Fault) -> [ULID: Int] {
    var bases: [ULID: Int] = [:]
    for item in try table.present(assets.sorted().map(LibraryKeys.asset)) {
      guard let asset = try gaps.reading(item, Asset.init) else { continue }
      if asset.group.client.hasSameBytes(as: client) { bases[asset.id] = AnalysisMoments.base(asset) }
    }
    return bases
  }

  /// The vectors that a head names; `nil` where they were taken away meanwhile, with what they were of.
  func set(_ head: MomentHead) throws(Fault) -> VectorSet? {
    try set(head) { (object) throws(Fault) in try VectorShelf.shared.set(object, in: library) }
  }

  /// As ``set(_:)``, or ``set(_:for:)``; `nil`, and noted, where they cannot be read.
  func set(
    _ head: MomentHead, for example: VectorDesk.Example? = nil, _ gaps: inout [AnswerGap]
  ) throws(Fault) -> VectorSet? {
    do throws(Fault) {
      guard let example else { return try set(head) }
      return try set(head, for: example)
    } catch {
      guard [.badInput, .notFound].contains(error.kind) else { throw error }
      gaps.note(.damaged(vectorsOf: head.asset, series: head.series))
      return nil
    }
  }

  /// The same of one network's, as they are compared with an example.
  func set(_ head: MomentHead, for example: VectorDesk.Example) throws(Fault) -> VectorSet? {
    guard let concepts = example.words?.concepts else { return try set(head) }
    return try set(head) { (object) throws(Fault) in
      try VectorShelf.shared.set("\(object) \(concepts.space.name)") { () throws(Fault) in
        let set = try VectorSet(try library.read(object))
        guard let group = set.group(example.network) else { return set }
        guard let placed = concepts.space.place(group, of: set) else {
          throw Fault(
            .conflict,
            "\(example.network) has \(concepts.space.count) labels, and its vectors have \(group.length) numbers: words are compared with a network whose numbers are the probabilities of its labels"
          )
        }
        return placed
      }
    }
  }

  private func set(
    _ head: MomentHead, read: (String) throws(Fault) -> VectorSet
  ) throws(Fault) -> VectorSet? {
    var head = head
    while let vectors = head.vectors {
      do throws(Fault) { return try read(vectors.object) } catch {
        guard let item = try table.get(head.itemKey) else { return nil }
        let now = try MomentHead(item)
        guard now.vectors?.object != vectors.object else { throw error }
        head = now
      }
    }
    return nil
  }
}
