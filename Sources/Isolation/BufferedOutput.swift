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
    var (bytes, place) = ([UInt8](repeating: 0, count: 1 << 16), 0)
    while true {
      let count = unsafe pread(descriptor, &bytes, bytes.count, place)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return try sink.flush() }
      try sink.write(Array(bytes.prefix(count)))
      place += count
    }
  }
}
