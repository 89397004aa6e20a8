internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Store

/// Notes anew, for one target, what a range of events tells: under the same ids, behind what waits already.
struct NoticeReplay: Sendable {
  let library: Library

  private var table: any Table { library.table }

  /// Notices of one call, at most.
  static let most = 10_000

  /// Has the target told again of events that began in a range of milliseconds since 1970; how many notices that are.
  ///
  /// Those that wait already are left as they are. `states` are those that are told again.
  func again(
    _ target: DeliveryTarget, _ range: ClosedRange<Int>, states: [Notice.State]
  ) throws(Fault) -> Int {
    var (found, token) = ([(number: Int, key: ItemKey)](), PageToken?.none)
    repeat {
      let query = Query(LibraryKeys.notices(target.client, target.name), Self.keys(range), limit: 200)
      let page = try table.items(query, after: token)
      for item in page.elements {
        let notice = try Notice(item)
        if states.contains(notice.state), notice.phase != .test { found.append((notice.number, item.key)) }
      }
      token = page.next
      try check(found.count)
    } while token != nil
    found.sort { $0.number < $1.number }
    var count = 0
    for start in stride(from: 0, to: found.count, by: Self.step) {
      count += try queue(found[start..<min(found.count, start + Self.step)].map(\.key), states: states)
    }
    return count
  }

  /// Of one transaction, and of their bodies: each may have some hundreds of kilobytes.
  private static let step = 40

  private func check(_ count: Int) throws(Fault) {
    guard count <= Self.most else {
      throw Fault(.badInput, "more than \(Self.most) notices are in that range: replay a shorter one")
    }
  }

  private static func keys(_ range: ClosedRange<Int>) -> Query.Range {
    .between(
      CompositeKey.time(milliseconds: range.lowerBound),
      CompositeKey.joined(CompositeKey.time(milliseconds: range.upperBound), "~"))
  }

  private func queue(_ keys: [ItemKey], states: [Notice.State]) throws(Fault) -> Int {
    try library.change("the notices") { () throws(Fault) in
      guard var position = try library.noticePosition() else { return ([], 0) }
      var writes: [Write] = []
      for item in try table.get(keys) {
        guard let item else { continue }
        var notice = try Notice(item)
        guard states.contains(notice.state) else { continue }
        position.number += 1
        (notice.number, notice.queued, notice.state) = (position.number, library.now, .waiting)
        (notice.tried, notice.due) = (0, 0)
        writes.append(.put(item.key, notice.json, if: .version(item.version)))
      }
      return (writes.isEmpty ? [] : writes + [position.write], writes.count)
    }
  }

  /// Notes what events in a range tell that is not there yet: their beginnings and ends, as they are by now; how many notices that are.
  ///
  /// With `changedSince` only of events that changed since that moment and since the target was made; else a range that holds too much is refused.
  func note(
    _ target: DeliveryTarget, _ range: ClosedRange<Int>, changedSince moment: Int? = nil
  ) throws(Fault) -> Int {
    var (notices, token) = ([(moment: Int, notice: Notice)](), PageToken?.none)
    var filter = EventFilter(client: target.client)
    filter.range = range
    repeat {
      let page = try library.events(filter, scope: .all, limit: 200, after: token)
      for event in page.elements {
        if let moment, event.updated < moment { continue }
        for phase in Notice.phases(of: event, before: nil) {
          let isWanted = moment == nil ? target.selection.wants(event, phase) : target.wants(event, phase)
          guard isWanted else { continue }
          let notice = Notice(
            event, phase, version: nil, for: target.name, queued: library.now, id: NoticeBatch.id)
          notices.append((phase == .start ? event.from : max(event.from, event.updated), notice))
        }
      }
      token = page.next
      if moment == nil { try check(notices.count) }
    } while token != nil
    // Of one moment, beginnings first: of one event they are.
    notices.sort { ($0.moment, $0.notice.phase == .start ? 0 : 1) < ($1.moment, $1.notice.phase == .start ? 0 : 1) }
    var count = 0
    for start in stride(from: 0, to: notices.count, by: Self.step) {
      count += try add(notices[start..<min(notices.count, start + Self.step)].map(\.notice))
    }
    return count
  }

  private func add(_ notices: [Notice]) throws(Fault) -> Int {
    try library.change("the notices") { () throws(Fault) in
      guard var position = try library.noticePosition() else { return ([], 0) }
      let writes = try NoticeBatch.writes(of: notices, over: table, &position)
      return (writes.isEmpty ? [] : writes + [position.write], writes.count)
    }
  }
}
