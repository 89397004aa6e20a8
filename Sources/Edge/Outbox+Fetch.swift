internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// Ranges of the past that the centre asked for.
extension Outbox {
  /// Puts what was recorded of a range into what is forwarded: segments of all that came, or clips where there are none.
  ///
  /// In steps of one transaction; one that was interrupted is begun again, and what is there twice then is once at the centre.
  func put(_ order: FetchOrder) throws(Fault) -> FetchOrder {
    var done = order
    done.state = .taken
    let key = LibraryKeys.outboxOrder(order.id)
    if let found = try known(order.id) { return found }
    // What was recorded just now is looked through first, for its clocks.
    try read(before: Clock.now + 5_000_000_000)
    guard try position()?.walk == nil else { throw Self.notYet }
    let recorded = try recorded(order)
    done.count = recorded.count
    for start in stride(from: 0, to: recorded.count, by: OutboxDrafts.room) {
      guard let position = try position() else { throw Self.notYet }
      let drafts = recorded[start..<min(start + OutboxDrafts.room, recorded.count)].compactMap { one in
        OutboxDraft(one.asset, isAsked: true).map { (draft) in
          var draft = draft
          draft.put = one.moment
          return draft
        }
      }
      let writes = try writes(of: drafts, in: position.life)
      guard case .committed = try table.write(writes) else { throw Self.notYet }
    }
    _ = try table.write([.put(key, done.json)])
    return done
  }

  private static let notYet = Fault(.unavailable, "what was asked for is put in a moment later")

  func recordings(
    of stream: String, _ kind: Recording.Kind, _ client: String, _ range: ClosedRange<Int>
  ) throws(Fault) -> [Asset] {
    var (found, token) = ([Asset](), PageToken?.none)
    repeat {
      let page = try library.recordings(of: stream, kind, client: client, scope: .all, in: range, after: token)
      found += page.elements.filter { $0.recording.map { $0.from < range.upperBound } ?? false }
      token = page.next
    } while token != nil
    return found
  }

  /// An order that was done already.
  private func known(_ id: String) throws(Fault) -> FetchOrder? {
    guard let item = try table.get(LibraryKeys.outboxOrder(id)) else { return nil }
    return try FetchOrder(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Those that were done, of which the centre may not know yet.
  func doneOrders() throws(Fault) -> [FetchOrder] {
    var orders: [FetchOrder] = []
    let query = Query(LibraryKeys.outbox, .prefix(LibraryKeys.outboxOrders), limit: 200)
    for item in try table.items(query).elements {
      orders.append(try FetchOrder(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root))
    }
    return orders
  }

  /// Forgets those that the centre does not want any more.
  func forgetOrders(but wanted: Set<String>) throws(Fault) {
    let gone = try doneOrders().filter { !wanted.contains($0.id) }.prefix(50)
    guard !gone.isEmpty else { return }
    _ = try table.write(gone.map { .delete(LibraryKeys.outboxOrder($0.id)) })
  }
}
