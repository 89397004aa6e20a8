/// Deadlines of a loop's connections, in slots of 100 ms around a circle of 102 s.
///
/// A deadline that moves away costs nothing: the connection stays in its slot and is put further on when that comes.
/// So a loop never looks through all its connections, and sleeps until a slot that has some.
struct Wheel {
  static let slotLength: UInt64 = 100_000_000
  private static let count = 1024

  private var slots = [[Connection]](repeating: [], count: count)
  private var filled = [UInt64](repeating: 0, count: count / 64)
  /// The slot that is next to be looked at, counted from the clock's zero.
  private var next: UInt64

  init(now: UInt64) { next = now / Self.slotLength }

  /// Sees to it that the connection is looked at not later than its `due`.
  mutating func set(_ connection: Connection) {
    guard connection.due < .max else { return }
    let wanted = max(next, min(connection.due / Self.slotLength, next + UInt64(Self.count) - 1))
    if let place = connection.place {
      guard wanted < place.turn else { return }
      remove(connection)
    }
    let slot = Int(wanted % UInt64(Self.count))
    connection.place = Place(turn: wanted, index: slots[slot].count)
    slots[slot].append(connection)
    filled[slot / 64] |= 1 << UInt64(slot % 64)
  }

  /// Where a connection stands.
  struct Place {
    var turn: UInt64
    var index: Int
  }

  mutating func remove(_ connection: Connection) {
    guard let place = connection.place else { return }
    connection.place = nil
    let slot = Int(place.turn % UInt64(Self.count))
    let last = slots[slot].removeLast()
    if last !== connection {
      slots[slot][place.index] = last
      last.place?.index = place.index
    }
    if slots[slot].isEmpty { filled[slot / 64] &= ~(1 << UInt64(slot % 64)) }
  }

  /// Connections whose slots have passed; those whose deadline has not are put further on.
  mutating func advance(to now: UInt64) -> [Connection] {
    var expired: [Connection] = []
    let end = now / Self.slotLength
    if end > next + UInt64(Self.count) { next = end - UInt64(Self.count) }
    while next < end {
      let slot = Int(next % UInt64(Self.count))
      next += 1
      guard !slots[slot].isEmpty else { continue }
      let passed = slots[slot]
      slots[slot].removeAll(keepingCapacity: true)
      filled[slot / 64] &= ~(1 << UInt64(slot % 64))
      for connection in passed { connection.place = nil }
      for connection in passed {
        if connection.due <= now { expired.append(connection) } else { set(connection) }
      }
    }
    return expired
  }

  /// Milliseconds until the next slot with connections has passed, -1 where there is none.
  func wait(from now: UInt64) -> Int32 {
    for step in 0..<Self.count / 64 + 1 {
      let slot = Int(next % UInt64(Self.count))
      let word = (slot / 64 + step) % (Self.count / 64)
      // Of the first word only what stands ahead counts; what stands behind comes a whole turn later, as the last word.
      let ahead = ~UInt64(0) << UInt64(slot % 64)
      let bits = filled[word] & (step == 0 ? ahead : step == Self.count / 64 ? ~ahead : ~0)
      guard bits != 0 else { continue }
      let found = word * 64 + bits.trailingZeroBitCount
      let distance = (found - slot + Self.count) % Self.count
      let end = (next + UInt64(distance) + 1) * Self.slotLength
      return end <= now ? 0 : Int32((end - now) / 1_000_000 + 1)
    }
    return -1
  }
}
