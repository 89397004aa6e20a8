internal import Glibc

/// A file that is written from front to back, through one buffer of its own.
///
/// Not for two threads at once. A sink that is dropped without ``finish()`` leaves what was written so far.
public final class FileSink {
  private let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  /// Creates the file, or empties the one that is there.
  public convenience init(_ path: String) throws(Fault) { try self.init(path, named: path) }

  /// Like the above, for a file that faults call by another name.
  init(_ path: String, named name: String, mode: mode_t = 0o666) throws(Fault) {
    self.path = name
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", name) }
    buffer.reserveCapacity(1 << 16)
  }

  /// Standard output; ``finish()`` leaves it open.
  public init(standardOutput: Void) {
    path = "standard output"
    descriptor = STDOUT_FILENO
  }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  public func write(_ bytes: [UInt8]) throws(Fault) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  public func write(_ text: String) throws(Fault) { try write(Array(text.utf8)) }

  /// Hands what is buffered to the system.
  public func flush() throws(Fault) {
    do { try Descriptor.write(buffer.span.bytes, to: descriptor) } catch { throw error.fault("write", path) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Flushes and closes; full disks that show only now are told here.
  public func finish() throws(Fault) { try finish(syncing: false) }

  /// Like the above; `syncing` waits until the disk has it.
  public func finish(syncing: Bool) throws(Fault) {
    try flush()
    guard descriptor > STDERR_FILENO else { return }
    guard !syncing || fsync(descriptor) == 0 else { throw SystemError.last.fault("write", path) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw SystemError.last.fault("write", path) }
  }
}
