/// The scheduler of a few places that are each held for long, such as processes that decode: who gets one, who waits, who is refused.
///
/// Sources take turns. One source never holds all places, as far as there are several, so that another one's first item begins at
/// once however long those before it take; and it may wait with no more items than are still free for all others together, as in
/// ``Intake``. A value: what is to be done is given back, and time is passed in.
public struct PlaceScheduler<Source: Hashable & Sendable, Item: Sendable>: Sendable {
  /// Names an item until it began or was taken out.
  public typealias Ticket = Int

  public enum Admission: Sendable, Hashable {
    case begins(Ticket)
    case waits(Ticket)
    case refused
  }

  private struct Entry: Sendable {
    let ticket: Ticket
    let deadline: UInt64
    let item: Item
  }

  private let places: Int
  private let limit: Int
  private var active: [Source: Int] = [:]
  private var activeCount = 0
  private var lines: [Source: [Entry]] = [:]
  /// Sources that have something waiting, in the order of their turns.
  private var ring: [Source] = []
  /// Items that wait.
  public private(set) var waiting = 0
  private var lastTicket = 0

  /// - Parameters:
  ///   - places: items that may be at work at the same time.
  ///   - limit: items that may wait.
  public init(places: Int, waiting limit: Int) {
    precondition(places > 0 && limit >= 0, "a scheduler of places has some")
    (self.places, self.limit) = (places, limit)
  }

  /// Places that one source may hold.
  private var most: Int { max(1, places - 1) }

  private func mayBegin(_ source: Source) -> Bool { activeCount < places && active[source, default: 0] < most }

  /// Asks for a place; one that begins is to ``leave(_:)``.
  public mutating func enter(_ item: Item, from source: Source, deadline: UInt64) -> Admission {
    lastTicket += 1
    if mayBegin(source) {
      begin(source)
      return .begins(lastTicket)
    }
    let own = lines[source]?.count ?? 0
    guard own + 1 <= limit - waiting else { return .refused }
    if own == 0 { ring.append(source) }
    lines[source, default: []].append(Entry(ticket: lastTicket, deadline: deadline, item: item))
    waiting += 1
    return .waits(lastTicket)
  }

  /// An item of the source needs its place no longer; gives those that begin now.
  public mutating func leave(_ source: Source) -> [Item] {
    activeCount -= 1
    let left = active[source, default: 1] - 1
    active[source] = left > 0 ? left : nil
    var begun: [Item] = []
    while let place = ring.firstIndex(where: { mayBegin($0) }) {
      let next = ring.remove(at: place)
      var line = lines.removeValue(forKey: next) ?? []
      begun.append(line.removeFirst().item)
      waiting -= 1
      begin(next)
      guard !line.isEmpty else { continue }
      lines[next] = line
      ring.append(next)
    }
    return begun
  }

  /// Takes an item out that still waits; `nil` where it does not.
  public mutating func remove(_ ticket: Ticket) -> Item? { take { $0.ticket == ticket }.first }

  /// Takes out everything that is past its deadline.
  public mutating func takeLate(now: UInt64) -> [Item] { waiting == 0 ? [] : take { $0.deadline <= now } }

  private mutating func take(where isWanted: (Entry) -> Bool) -> [Item] {
    var taken: [Item] = []
    for source in ring {
      guard let line = lines[source] else { continue }
      let found = line.filter(isWanted)
      guard !found.isEmpty else { continue }
      taken += found.map(\.item)
      lines[source] = line.count == found.count ? nil : line.filter { !isWanted($0) }
    }
    waiting -= taken.count
    if !taken.isEmpty { ring.removeAll { lines[$0] == nil } }
    return taken
  }

  private mutating func begin(_ source: Source) {
    activeCount += 1
    active[source, default: 0] += 1
  }
}
