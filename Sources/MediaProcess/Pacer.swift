internal import Base

/// When pictures are due that come before their time, as those of a segment do, all at once.
struct Pacer {
  /// When it is given on, in monotonic nanoseconds, and by how many ticks its own times have moved on: what had to be waited for is no part of them.
  struct Place: Hashable {
    var due: UInt64
    var offset: Int
  }

  /// Nanoseconds by which a picture may be late before those behind it become as late.
  private static let tolerance: UInt64 = 100_000_000
  /// Ticks from one picture to the next that are a jump.
  private static let (leap, back) = (10 * 90_000, 90_000 / 2)

  /// Nanoseconds that pictures may be given on before their time: what is sent as it is taken does not wait, but nobody sends hours at once.
  private let lead: UInt64
  private let clockRate: Double
  private var start: (due: UInt64, time: Int)?
  private var offset = 0
  private var last: (time: Int, interval: Int)?

  init(clockRate: Int, lead: UInt64 = 0) { (self.clockRate, self.lead) = (Double(clockRate), lead) }

  /// Takes in the next picture in the order of decoding.
  mutating func place(_ time: Int, now: UInt64) -> Place {
    var moved = time + offset
    if let last, moved < last.time - Self.back || moved > last.time + Self.leap {
      offset += last.time + last.interval - moved
      moved = time + offset
    }
    if let last, moved > last.time { self.last = (moved, min(moved - last.time, 90_000)) }
    if last == nil { last = (moved, 3600) }
    let begun = start ?? (now, moved)
    start = begun
    let passed = Double(moved - begun.time) / clockRate * 1e9
    let due = UInt64(max(0, Double(begun.due) + passed))
    guard lead == 0 else {
      // Later than ever: that is where the count goes on from.
      if now > due { start = (now, moved) }
      return Place(due: due > now + lead ? due - lead : now, offset: 0)
    }
    guard now > due + Self.tolerance else { return Place(due: max(due, begun.due), offset: offset) }
    let late = Int((Double(now - due) / 1e9 * clockRate).rounded())
    offset += late
    last?.time += late
    return Place(due: now, offset: offset)
  }
}
