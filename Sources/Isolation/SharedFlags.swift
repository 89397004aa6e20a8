internal import Glibc
internal import Synchronization

/// One page that a process shares with its children: the wish to stop goes down, signs of life come up.
@safe
public enum SharedFlags {
  private struct Fields: ~Copyable {
    let stop = Atomic<Bool>(false)
  }

  /// Children that are told apart, at most; an only child has the first place.
  static let places = 65
  /// Where this process counts its signs of life.
  nonisolated(unsafe) private static var place = 0

  // Atomics only, so each process that may touch the page may touch it at any time.
  nonisolated(unsafe) private static let fields: UnsafeMutablePointer<Fields> = {
    let page = unsafe mmap(
      nil, MemoryLayout<Fields>.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    precondition(unsafe page != MAP_FAILED, "there is no memory for one page")
    let fields = unsafe page.bindMemory(to: Fields.self, capacity: 1)
    unsafe fields.initialize(to: Fields())
    return unsafe fields
  }()

  nonisolated(unsafe) private static let counters: UnsafeMutablePointer<Atomic<Int>> = {
    let page = unsafe mmap(
      nil, MemoryLayout<Atomic<Int>>.stride * places, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    precondition(unsafe page != MAP_FAILED, "there is no memory for one page")
    let counters = unsafe page.bindMemory(to: Atomic<Int>.self, capacity: places)
    for place in 0..<places { unsafe (counters + place).initialize(to: Atomic<Int>(0)) }
    return unsafe counters
  }()

  /// Makes the page, so that processes forked from now on share it.
  static func prepare() { _ = unsafe (fields, counters) }

  /// In a child that is one of several, before it has threads: its signs of life are its own.
  static func take(place: Int) { unsafe self.place = place }

  /// Asks every child to end cleanly; any process may ask, from a signal handler too once the page is there.
  public static func askToStop() { unsafe fields.pointee.stop.store(true, ordering: .relaxed) }

  public static var isStopAsked: Bool { unsafe fields.pointee.stop.load(ordering: .relaxed) }

  /// A sign of life: called by a child whenever its work got on, as often as it likes.
  public static func beat() { unsafe counters[place].wrappingAdd(1, ordering: .relaxed) }

  static var beats: Int { beats(at: 0) }

  static func beats(at place: Int) -> Int { unsafe counters[place].load(ordering: .relaxed) }
}
