internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Reads moments that count: of an asset that is still there and its client's, and of the writing that its head names.
struct MomentSight {
  let client: String
  let table: any TableReader
  private var heads: [ItemKey: MomentHead?] = [:]
  private var assets: [ULID: Bool] = [:]
  /// What could not be read.
  private(set) var gaps: [AnswerGap] = []

  init(client: String, table: any TableReader) { (self.client, self.table) = (client, table) }

  /// Those that entries of an index lead to, that are there and count, in their order.
  mutating func moments(_ entries: [IndexEntry]) throws(Fault) -> [Moment] {
    var found: [Moment] = []
    for item in try table.present(of: entries) {
      guard let moment = try gaps.reading(item, Moment.init) else { continue }
      if moment.client.hasSameBytes(as: client) { found.append(moment) }
    }
    try look(found)
    return found.filter(counts)
  }

  private func counts(_ moment: Moment) -> Bool {
    guard case .asset(let id) = moment.source else { return true }
    let head = heads[LibraryKeys.momentHead(id, series: moment.series)] ?? nil
    return head?.generation == moment.generation && assets[id] == true
  }

  private mutating func look(_ moments: [Moment]) throws(Fault) {
    var (keys, ids) = (Set<ItemKey>(), Set<ULID>())
    for moment in moments {
      guard case .asset(let id) = moment.source else { continue }
      let key = LibraryKeys.momentHead(id, series: moment.series)
      if heads[key] == nil { keys.insert(key) }
      if assets[id] == nil { ids.insert(id) }
    }
    for key in keys { heads[key] = .some(nil) }
    for item in try table.present(Array(keys)) {
      heads[item.key] = .some(try gaps.reading(item, MomentHead.init))
    }
    for id in ids { assets[id] = false }
    for item in try table.present(ids.map(LibraryKeys.asset)) {
      guard let asset = try gaps.reading(item, Asset.init) else { continue }
      assets[asset.id] = asset.group.client.hasSameBytes(as: client)
    }
  }
}
