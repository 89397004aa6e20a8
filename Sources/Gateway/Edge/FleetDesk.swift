public import Base
public import Edge
public import Fleet
public import JSON

/// A part of the centre that answers nodes with what it wants of them.
public protocol CentrePart: Sendable {
  /// The member of a beat's report that this part reads, and of the answer's orders that it writes.
  var name: String { get }

  /// What it wants of a node now, as one JSON value; `nil` for nothing. `report` is what the node's part of the same name said with this beat.
  ///
  /// On a thread that may block. What it throws is told by the server's log, once in ten seconds, and keeps no other part from its answer.
  func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]?
}

/// The fleet behind the routes, and the threads on which nodes are answered, which are not those of anybody else.
public final class FleetDesk: Sendable {
  public let book: FleetBook
  public let updates: UpdateBook
  public let ring: NodeRing
  let parts: [any CentrePart]
  /// What becomes of what nodes forward.
  let ledger: LedgerDesk?
  /// SHA-256 of the key that the door has, and of the one that it will have next: nodes keep both.
  let pins: [[UInt8]]
  /// Public keys of Ed25519, 32 bytes each, that nodes pin when they come in.
  let bundleKeys: [[UInt8]]
  let threads = FairThreadPool(threads: 4, limit: 256)
  private let complain: @Sendable (Fault) -> Void
  /// When the parts' faults were told last, by their names.
  private let told = Monitor<[String: UInt64]>([:])
  private let noted = Monitor<FleetFigures?>(nil)
  /// Revoked nodes of which nothing is left here that is open.
  private let settled = Monitor<Set<FleetNode>>([])

  /// `pins` begins with the key that the door has now.
  public init(
    _ book: FleetBook, pins: [[UInt8]], bundleKeys: [[UInt8]] = [], parts: [any CentrePart] = [],
    ledger: LedgerDesk? = nil, complain: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    updates = UpdateBook(book.library)
    (self.book, self.pins, self.bundleKeys) = (book, pins, bundleKeys)
    self.ledger = ledger
    self.parts = parts + (ledger.map { [LedgerOrders($0)] } ?? []) + [UpdateOrders(book: updates)]
    (ring, self.complain) = (try NodeRing(book), complain)
  }

  /// The fleet as it was looked at last; `nil` before that.
  var figures: FleetFigures? { noted.update { $0 } }

  /// Looks at the fleet, for those who count it and for who tells what becomes of it; for a thread that may block, every few seconds.
  ///
  /// What nodes left here that are gone since the last look goes too, also where another process revoked them and died.
  @discardableResult
  public func note() throws(Fault) -> FleetFigures {
    let figures = try updates.figures()
    noted.update { $0 = figures }
    do throws(Fault) { try clear(figures) } catch { tell(error.at("what nodes left that are gone"), of: "gone") }
    return figures
  }

  private func clear(_ figures: FleetFigures) throws(Fault) {
    let gone = Set(figures.revoked).subtracting(settled.update { $0 })
    if !gone.isEmpty {
      try book.endEvents(ofRevoked: Array(gone))
      settled.update { $0.formUnion(gone) }
    }
    try ledger?.blobs.keep(only: Set(figures.nodes.map(\.name)))
  }

  /// Seconds after which a node is to beat again: all together not more than 50 in a second.
  var beatSeconds: Double { max(10, Double(ring.count) / 50) }

  /// What the parts want of a node, by their names.
  func orders(for node: FleetNode, _ report: [String: JSONValue]) -> [(name: String, order: [UInt8])] {
    var orders: [(name: String, order: [UInt8])] = []
    for part in parts {
      do throws(Fault) {
        if let order = try part.order(for: node, report: report[part.name]) { orders.append((part.name, order)) }
      } catch { tell(error.at("what '\(part.name)' wants of the node '\(node.name.text)'"), of: part.name) }
    }
    return orders
  }

  /// A fault may come of what a node said, and no node fills the log.
  private func tell(_ fault: Fault, of part: String) {
    let now = Clock.now
    let isDue = told.update { told in
      if let last = told[part], now - last < 10_000_000_000 { return false }
      told[part] = now
      return true
    }
    if isDue { complain(fault) }
  }
}
