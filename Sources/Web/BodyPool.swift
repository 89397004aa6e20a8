internal import Base
internal import Glibc

/// A piece of memory that goes back to its pool with the last reference.
@safe final class BodyBlock: @unchecked Sendable {  // the memory is written by one owner, then only read
  let start: UnsafeMutableRawPointer
  let capacity: Int
  private let pool: BodyPool

  fileprivate init(_ start: UnsafeMutableRawPointer, _ capacity: Int, _ pool: BodyPool) {
    unsafe (self.start, self.capacity, self.pool) = (start, capacity, pool)
  }

  deinit { unsafe pool.giveBack(start, capacity) }
}

/// A memory pool for bodies: aligned to 64 bytes and kept between requests.
///
/// Fresh memory costs a page fault for every 4 KiB, which is as much as receiving them. So a piece as long as a body was announced
/// takes real memory only for what has come of it, and that is what its ``budget`` counts; besides that, 128 MiB are kept at most.
final class BodyPool: Sendable {
  /// What bodies may hold together.
  let budget: ByteBudget
  private let classes = Monitor(SizeClasses())

  init(budget: Int) { self.budget = ByteBudget(budget) }

  deinit { classes.update { $0.empty() } }

  /// Bytes of bodies that have come and are held now.
  var bytesInFlight: Int { budget.total }

  /// At least so many bytes; `nil` when the system has no more.
  func take(_ count: Int) -> BodyBlock? {
    let sizeClass = SizeClasses.index(for: count)
    let capacity = SizeClasses.capacity(of: sizeClass) ?? count
    if let kept = classes.update({ $0.take(sizeClass) }) { return unsafe BodyBlock(kept.start, capacity, self) }
    var fresh: UnsafeMutableRawPointer?
    guard unsafe posix_memalign(&fresh, 64, capacity) == 0, let fresh = unsafe fresh else { return nil }
    return unsafe BodyBlock(fresh, capacity, self)
  }

  fileprivate func giveBack(_ start: UnsafeMutableRawPointer, _ capacity: Int) {
    let memory = unsafe SizeClasses.Memory(start: start)
    if !classes.update({ $0.keep(memory, capacity) }) { unsafe free(start) }
  }
}

/// The free memory of a pool, by size: 4 KiB and up to 64 MiB, four sizes to each doubling.
private struct SizeClasses: Sendable {
  @safe struct Memory: @unchecked Sendable {  // owned by the one that holds it
    let start: UnsafeMutableRawPointer
  }

  /// At most so much is kept.
  private static let most = 128 << 20
  private static let smallest = 4096
  private static let count = 14 * 4 + 1

  private var kept = [[Memory]](repeating: [], count: count)
  private var bytes = 0

  /// The smallest class whose pieces hold `count` bytes; one behind the last for those that are too large to be kept.
  static func index(for count: Int) -> Int {
    guard count > smallest else { return 0 }
    let doubling = (Int.bitWidth - 1) - (count - 1).leadingZeroBitCount
    let quarter = ((count - 1) >> (doubling - 2)) & 3
    return min(self.count, (doubling - 12) * 4 + quarter + 1)
  }

  static func capacity(of sizeClass: Int) -> Int? {
    guard sizeClass < count else { return nil }
    return (smallest >> 2) * (4 + sizeClass & 3) << (sizeClass >> 2)
  }

  mutating func empty() {
    for memories in kept { for memory in memories { unsafe free(memory.start) } }
    kept = []
  }

  mutating func take(_ sizeClass: Int) -> Memory? {
    guard sizeClass < kept.count, let memory = kept[sizeClass].popLast() else { return nil }
    bytes -= Self.capacity(of: sizeClass) ?? 0
    return memory
  }

  mutating func keep(_ memory: Memory, _ capacity: Int) -> Bool {
    let sizeClass = Self.index(for: capacity)
    guard sizeClass < kept.count, bytes + capacity <= Self.most else { return false }
    bytes += capacity
    kept[sizeClass].append(memory)
    return true
  }
}
