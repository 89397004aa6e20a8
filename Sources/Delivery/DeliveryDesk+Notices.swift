public import Base
public import Catalog
internal import Crypto
public import Items
internal import Library
internal import Store

/// What targets are told, and have told again.
extension DeliveryDesk {
  /// What a target is, or was, told: the newest first, of all states or of one.
  public func notices(
    of name: String, client: String, state: Notice.State?, scope: ClientScope, limit: Int, after token: PageToken?
  ) throws(Fault) -> Page<Notice> {
    _ = try target(name, client: client, scope: scope)
    guard let state else {
      let query = Query(LibraryKeys.notices(client, name), order: .descending, limit: limit)
      let page = try table.items(query, after: token)
      return Page(elements: try page.elements.map { (item) throws(Fault) in try Notice(item) }, next: page.next)
    }
    let query = Query(Self.partition(client, name, state), order: .descending, limit: limit)
    let page = try table.entries(of: LibrarySchema.noticeState, query, after: token)
    let items = try table.present(page.elements.map(\.key))
    return Page(elements: try items.map { (item) throws(Fault) in try Notice(item) }, next: page.next)
  }

  static func partition(_ client: String, _ target: String, _ state: Notice.State) -> String {
    CompositeKey.joined("CLIENT", client, "TARGET", target, "STATE", state.rawValue)
  }

  /// How many wait for a target, at most a thousand, and when the first of them was noted, in milliseconds since 1970.
  public func waiting(for target: DeliveryTarget) throws(Fault) -> (count: Int, oldest: Int?) {
    let query = Query(Self.partition(target.client, target.name, .waiting), limit: ItemLimits.pageCount)
    let entries = try table.entries(of: LibrarySchema.noticeState, query).elements
    let first = try entries.first.map { (entry) throws(Fault) in try WaitingNotice(entry) }
    return (entries.count, first?.queued)
  }

  /// Has a target told something that did not happen; gives the notice, which waits as any other.
  public func test(_ name: String, client: String, scope: ClientScope) throws(Fault) -> Notice {
    let target = try target(name, client: client, scope: scope)
    var random = SystemRandomNumberGenerator()
    let now = library.now
    let event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: client, stream: StreamEvent.serverStream, rule: "test",
      from: now, pipeline: "")
    return try library.change("the notices") { () throws(Fault) in
      let last = try library.lastPosition()
      var position = try library.noticePosition() ?? NoticePosition(change: last)
      position.number += 1
      var notice = Notice(event, .test, version: nil, for: target.name, queued: now, id: NoticeBatch.id)
      notice.number = position.number
      return ([.put(notice.itemKey, notice.json, if: .absent), position.write], notice)
    }
  }

  /// Tells a target again of events that began in a range of milliseconds since 1970, under the same ids; how many notices that are.
  ///
  /// Without `states` that is everything but what waits already, and what it was never told of: a target that was added later too.
  public func replay(
    _ name: String, client: String, _ range: ClosedRange<Int>, states: [Notice.State]?, scope: ClientScope
  ) throws(Fault) -> Int {
    let target = try target(name, client: client, scope: scope)
    let replay = NoticeReplay(library: library)
    let again = try replay.again(target, range, states: states ?? [.delivered, .dead])
    return try again + (states == nil ? replay.note(target, range) : 0)
  }
}
