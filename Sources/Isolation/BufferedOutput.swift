public import Base
internal import CProcess
internal import Glibc

/// Standard output of a child, kept in memory until the child has ended well: a document comes whole or not at all.
public final class BufferedOutput {
  private let descriptor: Int32

  public init() throws(Fault) {
    descriptor = ridley_memory_file()
    guard descriptor >= 0 else { throw Fault(.exhausted, "the system gives no file in memory") }
  }

  deinit { close(descriptor) }

  /// From now on what this process prints is kept here; for the child.
  public func takeStandardOutput() { dup2(descriptor, STDOUT_FILENO) }

  /// Prints what was kept; for the parent, after the child's end.
  public func release() throws(Fault) {
    let sink = FileSink(standardOutput: ())
    // The child wrote through the same open file, so its place is behind what is in it.
    lseek(descriptor, 0, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count: Int
      do { count = try Descriptor.read(descriptor, into: &bytes) } catch {
        throw error.fault("read", "what the child printed")
      }
      guard count > 0 else { return try sink.flush() }
      try sink.write(Array(bytes.prefix(count)))
    }
  }
}
