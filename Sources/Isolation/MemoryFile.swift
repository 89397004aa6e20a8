public import Base
internal import CProcess
internal import Glibc

/// Bytes that are opened like a file: no disk is touched.
public final class MemoryFile: Sendable {
  /// Can be handed to another process; good as long as this object lives.
  public let descriptor: Int32

  /// Copies the bytes; from then on nobody changes them, whoever gets hold of the descriptor.
  public init(_ bytes: SharedBytes) throws(Fault) {
    descriptor = ridley_memory_file()
    guard descriptor >= 0 else {
      throw Fault(.unavailable, "the system gives no memory file: it has no descriptors or no memory left")
    }
    var written = 0
    while written < bytes.count {
      let count = unsafe write(descriptor, bytes.pointer.baseAddress! + written, bytes.count - written)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        close(descriptor)
        throw Fault(.exhausted, "the system gives no memory for a file of \(bytes.count) bytes")
      }
      written += count
    }
    _ = ridley_seal(descriptor, 1)
  }

  deinit { close(descriptor) }

  /// Opens as a file of this process as long as this object lives.
  public var path: String { "/proc/self/fd/\(descriptor)" }
}
