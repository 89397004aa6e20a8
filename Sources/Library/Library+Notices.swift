public import Base
package import Catalog
internal import Items
internal import Store

extension Library {
  /// How far changes have been noted for targets; `nil` where nothing was yet.
  package func noticePosition() throws(Fault) -> NoticePosition? {
    try NoticePosition(table.get(LibraryKeys.noticesPosition))
  }

  /// Targets with what they were told; what a target is told after it is gone is never written.
  func deleteTargets(of client: String) throws(Fault) -> Int {
    var count = 0
    while let item = try table.items(Self.targets(of: client)).elements.first {
      _ = try table.write([.delete(item.key)])
      try removeNotices(of: client, try DeliveryTarget(item).name)
      count += 1
    }
    return count
  }

  static func targets(of client: String) -> Query {
    Query(LibraryKeys.targets, .prefix(LibraryKeys.targets(of: client)), limit: 1)
  }

  /// Takes away what a target was told of events that began before a moment in milliseconds since 1970, or all of it, what waits too.
  public func removeNotices(of client: String, _ target: String, before moment: Int? = nil) throws(Fault) {
    let range = moment.map { Query.Range.between("", CompositeKey.time(milliseconds: $0)) } ?? .all
    let query = Query(LibraryKeys.notices(client, target), range, limit: 50)
    var token: PageToken?
    repeat {
      let page = try table.items(query, after: token)
      var over = page.elements
      if moment != nil {
        over = []
        for item in page.elements where try Notice(item).state != .waiting { over.append(item) }
      }
      if !over.isEmpty {
        _ = try table.write(over.map { .delete($0.key, if: moment == nil ? .none : .version($0.version)) })
      }
      token = page.next
    } while token != nil
  }
}
