internal import Glibc

/// Keeps two who change what is in a folder apart, in this process and in others; freed with the value or the process.
public struct FolderLock: ~Copyable {
  private let descriptor: Int32

  /// Waits until no other holds the folder; `stillWanted` is asked about ten times a second.
  ///
  /// `what` is what the other holder does, for the fault `closed` of a caller that stops waiting: `another pull of the model`.
  public init(_ folder: String, against what: String, stillWanted: () -> Bool) throws(Fault) {
    let path = "\(folder)/.lock"
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw SystemError.last.fault("write", path) }
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR, stillWanted() else {
        close(opened)
        guard code == EWOULDBLOCK || code == EINTR else { throw Fault(.unavailable, "cannot lock \(path)") }
        throw Fault(.closed, "stopped waiting for \(what)")
      }
      usleep(100_000)
    }
    descriptor = opened
  }

  deinit {
    // Let go by itself: a process that is just being started by this one still has the descriptor, and closing alone would leave the lock to it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
