internal import Base
internal import Glibc
internal import Synchronization

/// What a process was working on when it crashed: a page that outlives it, kept by its supervisor.
///
/// A few hundred names, each with the number of its works that are under way. Touching it costs two atomic additions.
@safe
public enum CrashJournal {
  /// One name's place; used by any thread of the process that asked for it.
  @safe
  public struct Mark: Sendable {
    fileprivate let index: Int?

    /// One that marks nothing.
    public static let none = Mark(index: nil)

    /// Work on it begins; each has its `end`.
    public func begin() { if let index { unsafe slots[index].running.wrappingAdd(1, ordering: .relaxed) } }
    public func end() { if let index { unsafe slots[index].running.wrappingSubtract(1, ordering: .relaxed) } }
  }

  private struct Slot: ~Copyable {
    /// 0 where the place is free; names are told apart by their hash, of 63 bits.
    let name = Atomic<UInt>(0)
    let running = Atomic<Int>(0)
    let crashes = Atomic<Int>(0)
  }

  private static let count = 512
  nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Slot> = {
    let size = MemoryLayout<Slot>.stride * count
    let page = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    precondition(unsafe page != MAP_FAILED, "there is no memory for a page")
    let slots = unsafe page.bindMemory(to: Slot.self, capacity: count)
    for index in 0..<count { unsafe (slots + index).initialize(to: Slot()) }
    return unsafe slots
  }()

  /// Makes the page, so that processes forked from now on share it.
  static func prepare() { _ = unsafe slots }

  /// The place of a name; where all are taken, a mark that marks nothing.
  public static func mark(_ name: String) -> Mark { Mark(index: index(of: name)) }

  /// How often a name was at work when its process crashed.
  public static func crashes(of name: String) -> Int {
    guard let index = index(of: name) else { return 0 }
    return unsafe slots[index].crashes.load(ordering: .relaxed)
  }

  /// A process that had nothing else to do crashed over it.
  public static func recordCrash(of name: String) {
    guard let index = index(of: name) else { return }
    unsafe slots[index].crashes.wrappingAdd(1, ordering: .relaxed)
  }

  /// It is wanted all the same: of its crashes one is remembered.
  public static func forgive(_ name: String) {
    guard let index = index(of: name) else { return }
    let crashes = unsafe slots[index].crashes.load(ordering: .relaxed)
    if crashes > 1 { unsafe slots[index].crashes.store(1, ordering: .relaxed) }
  }

  /// After a crash: whatever was under way counts it, unless the process was ended from outside.
  static func recordCrash(isFromOutside: Bool) {
    for index in 0..<count {
      guard unsafe slots[index].running.exchange(0, ordering: .relaxed) > 0, !isFromOutside else { continue }
      unsafe slots[index].crashes.wrappingAdd(1, ordering: .relaxed)
    }
  }

  private static func index(of name: String) -> Int? {
    // FNV-1a: the same in every process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let wanted = UInt(truncatingIfNeeded: hash | 1)
    for step in 0..<count {
      let index = (Int(truncatingIfNeeded: hash >> 1) & (count - 1) + step) & (count - 1)
      let (_, found) = unsafe slots[index].name.compareExchange(
        expected: 0, desired: wanted, ordering: .acquiringAndReleasing)
      if found == 0 || found == wanted { return index }
    }
    return nil
  }
}
