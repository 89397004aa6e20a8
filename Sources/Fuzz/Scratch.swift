public import Base
internal import Glibc

/// A file in memory whose bytes are replaced again and again.
public final class Scratch {
  private let descriptor: Int32
  /// Good for as long as this lives, in this process.
  public let path: String

  public init() throws(Fault) {
    // Without a name as soon as it is open, so that nothing is left behind by a process that dies.
    let name = "/dev/shm/ridley-fuzz-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let opened = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw Fault(.unavailable, "the system gives no file in memory") }
    unlink(name)
    (descriptor, path) = (opened, "/proc/self/fd/\(opened)")
  }

  deinit { close(descriptor) }

  public func hold(_ bytes: [UInt8]) throws(Fault) {
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw Fault(.exhausted, "a file in memory cannot be written")
    }
  }
}
