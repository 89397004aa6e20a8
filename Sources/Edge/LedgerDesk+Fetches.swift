public import Base
internal import Catalog
public import Fleet
internal import Items
internal import JSON
internal import Library
internal import Store

/// Ranges of the past that were asked of nodes.
extension LedgerDesk {
  /// Of one node, those that it does not know of yet.
  private static let mostWaiting = 50
  /// Milliseconds that an order is kept.
  private static let kept = 7 * 86_400_000

  /// Asks a node for what it recorded of a stream in a range of milliseconds since 1970, at most six hours.
  ///
  /// The fault is `conflict` where the node was revoked, and `exhausted` where it has many to come to.
  public func fetch(_ stream: String, of node: FleetNode, from: Int, to: Int) throws(Fault) -> FetchOrder {
    let name = node.name.text
    guard node.state == .enrolled else {
      throw Fault(.conflict, "the node '\(name)' was revoked: it is asked nothing any more")
    }
    var random = SystemRandomNumberGenerator()
    // Never before its enrolment, also where another server's clock wrote that.
    let moment = max(library.now, node.enrolled)
    let order = try FetchOrder(
      id: ULID(milliseconds: moment, using: &random).text, stream: stream, from: from, to: to)
    guard try fetches(of: node).count(where: { $0.state == .waiting }) < Self.mostWaiting else {
      throw Fault(.exhausted, "the node '\(name)' has \(Self.mostWaiting) ranges to send that it does not know of yet")
    }
    _ = try table.write([.put(LibraryKeys.ledgerFetch(name, order.id), order.json, if: .absent)])
    return order
  }

  /// What was asked of a node in the last days, the oldest first: since it was enrolled, and nothing of one that was revoked.
  public func fetches(of node: FleetNode) throws(Fault) -> [FetchOrder] {
    guard node.state == .enrolled else { return [] }
    return try orders(of: node.name.text).filter { Self.moment($0) >= node.enrolled }
  }

  private static func moment(_ order: FetchOrder) -> Int { ULID(order.id)?.milliseconds ?? 0 }

  /// Also those of nodes that had the name before.
  private func orders(of node: String) throws(Fault) -> [FetchOrder] {
    var orders: [FetchOrder] = []
    let query = Query(
      LibraryKeys.ledgerPartition(node), .prefix(LibraryKeys.ledgerFetches), limit: ItemLimits.pageCount)
    try table.forEach(query) { (item) throws(Fault) in
      let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
      orders.append(try FetchOrder(document.root))
    }
    return orders
  }

  /// What is wanted of a node now, once it has said which it knows of, and where its ledger ends; what is old is forgotten, and what was asked of
  /// another that had its name.
  public func orders(
    for node: FleetNode, known: [FetchOrder], ends: LedgerReport? = nil
  ) throws(Fault) -> FetchOrders {
    let (name, first) = (node.name.text, max(library.now - Self.kept, node.enrolled))
    let known = Dictionary(known.map { ($0.id, $0) }) { $1 }
    var waiting: [FetchOrder] = []
    for var order in try orders(of: name) {
      let key = LibraryKeys.ledgerFetch(name, order.id)
      if Self.moment(order) < first {
        _ = try table.write([.delete(key)])
      } else if order.state == .waiting, let done = known[order.id], done.state == .taken {
        (order.state, order.count) = (.taken, done.count)
        _ = try table.write([.put(key, order.json, if: .present)])
      } else if order.state == .waiting {
        waiting.append(order)
      }
    }
    return FetchOrders(waiting, lost: try ends.flatMap { (ends) throws(Fault) in try lost(ends, of: name) })
  }

  /// A node's life, where it was told that something of it is here which is not.
  private func lost(_ ends: LedgerReport, of node: String) throws(Fault) -> String? {
    let lines = ends.lines.filter { $0.taken > 0 && $0.line.isOfNode }.prefix(ItemLimits.batchCount)
    guard !lines.isEmpty else { return nil }
    let items = try table.get(lines.map { LibraryKeys.ledgerLine(node, life: ends.life, $0.line.text) })
    for (line, item) in zip(lines, items) {
      guard let item, try LinePosition(item).sequence >= line.taken else { return ends.life }
    }
    return nil
  }
}
