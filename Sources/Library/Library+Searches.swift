internal import Base
internal import Catalog
internal import Items
internal import Store

/// Alerts and links that were shared, as a purge sees them.
extension Library {
  /// Alerts, links with their uses, and what alerts were told of; how many alerts and links that were.
  func deleteSearches(of client: String) throws(Fault) -> Int {
    var count = 0
    for (_, query, isCounted) in Self.searches(of: client) {
      while true {
        let items = try table.items(query).elements
        if items.isEmpty { break }
        var writes = items.map { Write.delete($0.key) }
        if query.partition.hasSameBytes(as: LibraryKeys.shares) {
          writes += try items.map { (item) throws(Fault) in
            .delete(LibraryKeys.shareToken(try SearchShare(item).digest))
          }
        }
        _ = try table.write(writes)
        if isCounted { count += items.count }
      }
    }
    return count
  }

  private static func searches(of client: String) -> [(name: String, query: Query, isCounted: Bool)] {
    let half = ItemLimits.writeCount / 2
    return [
      ("alerts", Query(LibraryKeys.alerts, .prefix(LibraryKeys.alerts(of: client)), limit: half), true),
      ("links", Query(LibraryKeys.shares, .prefix(LibraryKeys.shares(of: client)), limit: half), true),
      ("what alerts were told of", Query(LibraryKeys.alertedPartition(client), limit: half), false),
      ("uses of links", Query(LibraryKeys.shareUsesPartition(client), limit: half), false),
    ]
  }

  func remainingSearches(of client: String) throws(Fault) -> [String] {
    var left: [String] = []
    for (name, query, _) in Self.searches(of: client) where try !table.items(query).elements.isEmpty {
      left.append(name)
    }
    return left
  }
}
