public import Base
internal import CProcess
internal import Glibc

/// Bytes that are opened like a file: no disk is touched.
public final class MemoryFile: Sendable {
  /// Can be handed to another process; good as long as this object lives.
  public let descriptor: Int32

  /// Copies the bytes; from then on they cannot be changed, not even through the descriptor.
  public init(_ bytes: SharedBytes) throws(Fault) {
    let made = ridley_memory_file()
    guard made >= 0 else {
      throw Fault(.unavailable, "the system gives no memory file: it has no descriptors or no memory left")
    }
    do { try Descriptor.write(unsafe RawSpan(_unsafeBytes: bytes.pointer), to: made) } catch {
      close(made)
      throw Fault(.exhausted, "the system gives no memory for a file of \(bytes.count) bytes", cause: error.text)
    }
    _ = ridley_seal(made, 1)
    descriptor = made  // last: from here on it is closed with the object
  }

  deinit { close(descriptor) }

  /// Opens as a file of this process as long as this object lives.
  public var path: String { "/proc/self/fd/\(descriptor)" }
}
