internal import Base
internal import Glibc

/// Keeps two pulls of one model apart, in this process and in others; freed with the value or the process.
struct FolderLock: ~Copyable {
  private let descriptor: Int32

  /// Waits until nobody else holds the folder; `stillWanted` is asked about ten times a second.
  init(_ folder: String, stillWanted: () -> Bool) throws(Fault) {
    let path = "\(folder)/.lock"
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      let cause = String(cString: strerror(errno))
      let kind: Fault.Kind = errno == EACCES || errno == EROFS ? .denied : .unavailable
      throw Fault(kind, "cannot write \(path): \(cause)", cause: cause)
    }
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, stillWanted() else {
        let code = errno
        close(opened)
        guard code == EWOULDBLOCK || code == EINTR else { throw Fault(.unavailable, "cannot lock \(path)") }
        throw Fault(.closed, "stopped waiting for another pull of the same model")
      }
      usleep(100_000)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}

/// The path from the root of the file system.
func absolute(_ path: String) throws(Fault) -> String {
  guard let resolved = realpath(path, nil) else { throw Fault(.notFound, "there is no \(path)") }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Bytes that the file system of a folder still takes, `nil` where it does not say.
func freeByteCount(_ folder: String) -> Int? {
  var info = statvfs()
  guard statvfs(folder, &info) == 0 else { return nil }
  return Int(clamping: info.f_bavail) * Int(clamping: info.f_frsize)
}
