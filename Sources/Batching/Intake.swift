/// What waits for a unit: fair between sources, earliest deadline first within one, and never more than a limit.
///
/// Sources take turns of at most `turn` rows (deficit round robin with rows as the cost, so that nothing is owed from one
/// round to the next). A source may wait with no more rows than are still free for all others together: one that floods
/// the intake leaves room for those that come after it.
public struct Intake<Source: Hashable & Sendable, Item: Sendable>: Sendable {
  /// Names a waiting item until it was taken whole, removed or found late.
  public typealias Ticket = Int

  /// Rows of an item that go into the next batch.
  public struct Portion: Sendable {
    public let item: Item
    /// Its rows from `first` on.
    public let first: Int
    public let count: Int
    /// None of it waits any longer.
    public let isLast: Bool

    public init(item: Item, first: Int, count: Int, isLast: Bool) {
      (self.item, self.first, self.count, self.isLast) = (item, first, count, isLast)
    }
  }

  private struct Entry: Sendable {
    let item: Item
    let source: Source
    let rows: Int
    var taken = 0
  }

  private struct Line: Sendable {
    var order: DeadlineHeap
    var rows = 0
  }

  /// Memory of sources that left, for those that come: one that comes and goes with each item asks for none.
  private var spare: [DeadlineHeap] = []
  private static var spareLimit: Int { 8 }

  public let limit: Int
  /// Rows that wait.
  public private(set) var rows = 0
  private let turn: Int
  private var entries: [Ticket: Entry] = [:]
  private var lines: [Source: Line] = [:]
  /// Sources that have something waiting, in the order of their turns; the one at `cursor` is next.
  private var ring: [Source] = []
  private var cursor = 0
  /// Rows that the source at `cursor` may still send in this turn.
  private var credit: Int
  private var nextTicket = 0

  /// - Parameters:
  ///   - limit: rows that may wait at the same time.
  ///   - turn: rows a source sends before the next one has its turn; a batch is usual.
  public init(limit: Int, turn: Int) {
    precondition(limit > 0 && turn > 0, "an intake needs room and turns")
    (self.limit, self.turn, credit) = (limit, turn, turn)
  }

  /// Items that wait, wholly or in part.
  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  /// Lets an item wait, or gives `nil` where its source has its share of the room already.
  public mutating func add(_ item: Item, rows count: Int, from source: Source, deadline: UInt64) -> Ticket? {
    precondition(count > 0, "an item has at least one row")
    let own = lines[source]?.rows ?? 0
    // An item that is alone comes in however long it is.
    guard rows == 0 || own + count <= limit - rows else { return nil }
    nextTicket += 1
    entries[nextTicket] = Entry(item: item, source: source, rows: count)
    if own == 0 {
      ring.append(source)
      lines[source] = Line(order: spare.popLast() ?? DeadlineHeap())
    }
    lines[source]!.order.push(deadline, nextTicket)
    lines[source]!.rows += count
    rows += count
    return nextTicket
  }

  /// Rows that have their turn before a new one of the source, where every source goes on as now.
  public func rowsBefore(newRowOf source: Source) -> Int {
    let place = (lines[source]?.rows ?? 0) + 1
    let rounds = (place + turn - 1) / turn * turn
    return lines.reduce(0) { $0 + ($1.key == source ? $1.value.rows : min($1.value.rows, rounds)) }
  }

  /// Takes up to `room` rows into `portions`; what is past its deadline is put into `late` instead.
  public mutating func take(_ room: Int, now: UInt64, into portions: inout [Portion], late: inout [Item]) {
    var room = room
    while room > 0, !ring.isEmpty {
      let source = ring[cursor]
      guard let ticket = front(of: source, now: now, &late), var entry = entries[ticket] else { continue }
      let count = min(room, credit, entry.rows - entry.taken)
      let isLast = entry.taken + count == entry.rows
      portions.append(Portion(item: entry.item, first: entry.taken, count: count, isLast: isLast))
      entry.taken += count
      entries[ticket] = isLast ? nil : entry
      (rows, room, credit) = (rows - count, room - count, credit - count)
      lines[source]!.rows -= count
      if lines[source]!.rows == 0 { leave(source) } else if credit == 0 { pass() }
    }
  }

  /// Takes out everything that is past its deadline.
  public mutating func takeLate(now: UInt64) -> [Item] {
    var late: [Item] = []
    for source in ring { _ = front(of: source, now: now, &late) }
    return late
  }

  /// Takes an item out, or what is left of it; `nil` where nothing of it waits.
  public mutating func remove(_ ticket: Ticket) -> Item? {
    guard let entry = entries.removeValue(forKey: ticket) else { return nil }
    drop(entry)
    return entry.item
  }

  /// Takes everything out.
  public mutating func removeAll() -> [Item] {
    let items = entries.sorted { $0.key < $1.key }.map(\.value.item)
    self = Intake(limit: limit, turn: turn)
    return items
  }

  /// The most urgent item of a source that is in time; a source without one leaves the ring.
  private mutating func front(of source: Source, now: UInt64, _ late: inout [Item]) -> Ticket? {
    while let (deadline, ticket) = lines[source]?.order.first {
      if let entry = entries[ticket] {
        if deadline > now { return ticket }
        late.append(entry.item)
        entries[ticket] = nil
        lines[source]!.order.pop()
        drop(entry)
      } else {
        lines[source]!.order.pop()
      }
    }
    return nil
  }

  private mutating func drop(_ entry: Entry) {
    let left = entry.rows - entry.taken
    rows -= left
    lines[entry.source]!.rows -= left
    if lines[entry.source]!.rows == 0 { leave(entry.source) }
  }

  private mutating func leave(_ source: Source) {
    if var order = lines.removeValue(forKey: source)?.order, spare.count < Self.spareLimit {
      order.removeAll()
      spare.append(order)
    }
    guard let place = ring.firstIndex(of: source) else { return }
    ring.remove(at: place)
    if place < cursor { cursor -= 1 } else if place == cursor { credit = turn }
    if cursor >= ring.count { cursor = 0 }
  }

  private mutating func pass() {
    cursor = (cursor + 1) % ring.count
    credit = turn
  }
}

/// Tickets by deadline, and by age where deadlines are the same; a binary heap.
struct DeadlineHeap: Sendable {
  private var items: [(deadline: UInt64, ticket: Int)] = []

  var first: (deadline: UInt64, ticket: Int)? { items.first }

  mutating func push(_ deadline: UInt64, _ ticket: Int) {
    items.append((deadline, ticket))
    var place = items.count - 1
    while place > 0, items[place] < items[(place - 1) / 2] {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  mutating func pop() {
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && items[child] < items[least] {
        least = child
      }
      guard least != place else { return }
      items.swapAt(place, least)
      place = least
    }
  }
}
