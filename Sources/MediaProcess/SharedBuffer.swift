public import Base
internal import Isolation

/// Memory that a media process renders into and its parent reads, without a copy; freed when the last one lets go.
///
/// It outlives the reader that made it, and the process.
public final class SharedBuffer: Sendable {
  public let byteCount: Int
  let memory: SharedMemory
  let part: Range<Int>

  init(_ memory: SharedMemory, byteCount: Int) throws(Fault) {
    part = try memory.take(byteCount)
    (self.memory, self.byteCount) = (memory, byteCount)
  }

  deinit { memory.give(part) }

  /// The bytes where they are, on the border of a page; they keep the buffer.
  ///
  /// A process that was broken into may write here at any time, so nothing but numbers may be made of them.
  public var bytes: SharedBytes {
    let start = part.lowerBound
    return unsafe SharedBytes(memory.bytes(start..<start + byteCount), of: self)
  }
}
