public import Base
internal import CProcess
internal import Glibc

/// Bytes that go one way between two processes.
public enum Pipe {
  /// Both ends, which are the caller's to close; programs started later inherit neither, and what is written never waits.
  ///
  /// `byteCount` is how much may be on its way, as far as the system gives that.
  public static func make(byteCount: Int) throws(Fault) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe ridley_pipe(&ends) == 0 else { throw Fault(.exhausted, "there are no file descriptors left") }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    _ = fcntl(ends[1], ridley_pipe_size, Int32(clamping: byteCount))
    return (ends[0], ends[1])
  }
}
