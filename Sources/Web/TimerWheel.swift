/// A timer wheel: deadlines of a loop's connections, in slots of 100 ms around a circle of 102 s.
///
/// A deadline that moves away costs nothing: it stays in its slot and is put further on when that comes.
/// So a loop never looks through all its connections, and sleeps until a slot that has some.
struct TimerWheel<Item: Timed> {
  static var slotLength: UInt64 { 100_000_000 }
  private static var count: Int { 1024 }

  private var slots = [[Item]](repeating: [], count: count)
  private var filled = [UInt64](repeating: 0, count: count / 64)
  /// The slot that is next to be looked at, counted from the clock's zero.
  private var next: UInt64

  init(now: UInt64) { next = now / Self.slotLength }

  /// Sees to it that the item is looked at not later than its `due`.
  mutating func set(_ item: Item) {
    guard item.due < .max else { return }
    let wanted = max(next, min(item.due / Self.slotLength, next + UInt64(Self.count) - 1))
    if let place = item.place {
      guard wanted < place.turn else { return }
      remove(item)
    }
    let slot = Int(wanted % UInt64(Self.count))
    item.place = TimerPlace(turn: wanted, index: slots[slot].count)
    slots[slot].append(item)
    filled[slot / 64] |= 1 << UInt64(slot % 64)
  }

  mutating func remove(_ item: Item) {
    guard let place = item.place else { return }
    item.place = nil
    let slot = Int(place.turn % UInt64(Self.count))
    let last = slots[slot].removeLast()
    if last !== item {
      slots[slot][place.index] = last
      last.place?.index = place.index
    }
    if slots[slot].isEmpty { filled[slot / 64] &= ~(1 << UInt64(slot % 64)) }
  }

  /// Connections whose slots have passed; those whose deadline has not are put further on.
  mutating func advance(to now: UInt64) -> [Item] {
    var expired: [Item] = []
    let end = now / Self.slotLength
    if end > next + UInt64(Self.count) { next = end - UInt64(Self.count) }
    while next < end {
      let slot = Int(next % UInt64(Self.count))
      next += 1
      guard !slots[slot].isEmpty else { continue }
      let passed = slots[slot]
      slots[slot].removeAll(keepingCapacity: true)
      filled[slot / 64] &= ~(1 << UInt64(slot % 64))
      for item in passed { item.place = nil }
      for item in passed {
        if item.due <= now { expired.append(item) } else { set(item) }
      }
    }
    return expired
  }

  /// When the next slot with items has passed, `.max` where there is none.
  var end: UInt64 {
    for step in 0..<Self.count / 64 + 1 {
      let slot = Int(next % UInt64(Self.count))
      let word = (slot / 64 + step) % (Self.count / 64)
      // Of the first word only what stands ahead counts; what stands behind comes a whole turn later, as the last word.
      let ahead = ~UInt64(0) << UInt64(slot % 64)
      let bits = filled[word] & (step == 0 ? ahead : step == Self.count / 64 ? ~ahead : ~0)
      guard bits != 0 else { continue }
      let found = word * 64 + bits.trailingZeroBitCount
      let distance = (found - slot + Self.count) % Self.count
      return (next + UInt64(distance) + 1) * Self.slotLength
    }
    return .max
  }

  /// Milliseconds until then, -1 where there is none.
  func wait(from now: UInt64) -> Int32 {
    let end = end
    if end == .max { return -1 }
    return end <= now ? 0 : Int32((end - now) / 1_000_000 + 1)
  }
}

/// What has a deadline, and stands in a timerWheel.
protocol Timed: AnyObject {
  /// In nanoseconds of the monotonic clock; `.max` for never.
  var due: UInt64 { get }
  /// The timerWheel's own.
  var place: TimerPlace? { get set }
}

/// Where an item stands.
struct TimerPlace {
  var turn: UInt64
  var index: Int
}
