public import Base
internal import CProcess
internal import Glibc
internal import Synchronization

/// Memory that a process shares with one child: mapped once, of a length that neither side can change.
///
/// Large and sparse: what is not used takes no memory. The parent gives parts of it away and only reads them; the child writes
/// where the parent tells it to. A part is filled with real memory before it is given away, so that no later touch can fail.
@safe
public final class SharedMemory: @unchecked Sendable {  // the mapping stands still; the allocator has a lock
  public let byteCount: Int
  /// Can be handed to the child; good as long as this object lives.
  public let descriptor: Int32
  private let base: UnsafeMutableRawPointer
  private let slots: Mutex<SlotAllocator>

  /// What stays in memory when it comes free; parts above are given back to the system at once.
  static let kept = 8 << 20

  /// The parent's side; `byteCount` is rounded up to whole pages.
  ///
  /// With `isWritten` the parent may write there too.
  public convenience init(byteCount: Int, isWritten: Bool = false) throws(Fault) {
    let size = (max(1, byteCount) + SlotAllocator.page - 1) / SlotAllocator.page * SlotAllocator.page
    let file = ridley_memory_file()
    guard file >= 0 else {
      throw Fault(.unavailable, "the system gives no memory to share: it has no descriptors or no memory left")
    }
    guard ftruncate(file, size) == 0, ridley_seal(file, 0) == 0 else {
      close(file)
      throw Fault(.unavailable, "the system does not share memory of a fixed length")
    }
    try self.init(file, size, isWritten ? PROT_READ | PROT_WRITE : PROT_READ)
  }

  /// The child's side; owns the descriptor.
  public convenience init(owning descriptor: Int32, byteCount: Int) throws(Fault) {
    try self.init(descriptor, byteCount, PROT_READ | PROT_WRITE)
  }

  private init(_ descriptor: Int32, _ byteCount: Int, _ access: Int32) throws(Fault) {
    let base = unsafe mmap(nil, byteCount, access, MAP_SHARED | MAP_NORESERVE, descriptor, 0)
    guard let base = unsafe base, unsafe base != MAP_FAILED else {
      close(descriptor)
      throw Fault(.exhausted, "there is no room for memory to share")
    }
    unsafe self.base = base
    (self.descriptor, self.byteCount) = (descriptor, byteCount)
    slots = Mutex(SlotAllocator(byteCount: byteCount))
  }

  deinit {
    unsafe munmap(base, byteCount)
    close(descriptor)
  }

  /// A part of at least so many bytes, on the border of a page; what stands in it is not known.
  public func take(_ count: Int) throws(Fault) -> Range<Int> {
    guard let part = slots.withLock({ $0.take(count) }) else {
      throw Fault(
        .tooLarge,
        "a process has \(byteCount >> 20) MB for pictures, and \(count) bytes more do not fit: use smaller ones")
    }
    guard ridley_fill(descriptor, part.lowerBound, part.count) == 0 else {
      give(part)
      throw Fault(.exhausted, "the machine has no memory left for a picture")
    }
    return part
  }

  /// Takes back what ``take(_:)`` gave.
  public func give(_ part: Range<Int>) {
    let above = max(part.lowerBound, Self.kept)..<max(part.upperBound, Self.kept)
    slots.withLock {
      // Before it is given to another.
      if !above.isEmpty { _ = ridley_punch(descriptor, above.lowerBound, above.count) }
      $0.give(part)
    }
  }

  /// Gives back what a child may have touched without being told to.
  public func trim() {
    slots.withLock {
      for part in $0.free where part.upperBound > Self.kept {
        let start = max(part.lowerBound, Self.kept)
        _ = ridley_punch(descriptor, start, part.upperBound - start)
      }
    }
  }

  /// Bytes of a part; valid as long as this object lives, and only for as long as no other is given them.
  @unsafe public func bytes(_ part: Range<Int>) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base + part.lowerBound, count: part.count)
  }

  /// The same for the side that writes there: the child, and a parent that said that it does.
  @unsafe public func writableBytes(_ part: Range<Int>) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base + part.lowerBound, count: part.count)
  }
}
