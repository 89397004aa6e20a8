internal import Glibc
internal import Synchronization

/// One page that a process shares with its children: the wish to stop goes down, signs of life come up.
@safe
public enum SharedFlags {
  private struct Fields: ~Copyable {
    let stop = Atomic<Bool>(false)
    let beats = Atomic<Int>(0)
  }

  // Atomics only, so each process that may touch the page may touch it at any time.
  nonisolated(unsafe) private static let fields: UnsafeMutablePointer<Fields> = {
    let page = unsafe mmap(
      nil, MemoryLayout<Fields>.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    precondition(unsafe page != MAP_FAILED, "there is no memory for one page")
    let fields = unsafe page.bindMemory(to: Fields.self, capacity: 1)
    unsafe fields.initialize(to: Fields())
    return unsafe fields
  }()

  /// Makes the page, so that processes forked from now on share it.
  static func prepare() { _ = unsafe fields }

  /// Asks every child to end cleanly; any process may ask, from a signal handler too once the page is there.
  public static func askToStop() { unsafe fields.pointee.stop.store(true, ordering: .relaxed) }

  public static var isStopAsked: Bool { unsafe fields.pointee.stop.load(ordering: .relaxed) }

  /// A sign of life: called by a child whenever its work got on, as often as it likes.
  public static func beat() { unsafe fields.pointee.beats.wrappingAdd(1, ordering: .relaxed) }

  static var beats: Int { unsafe fields.pointee.beats.load(ordering: .relaxed) }
}
