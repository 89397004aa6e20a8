internal import Base
internal import Glibc

/// A file that this value has to itself among all who lock it, in this process and others; freed with the value or the process.
final class LockedFile: Sendable {
  let path: String
  let descriptor: Int32

  /// Opens the file, made where it is missing; waits for another holder, or is `unavailable` at once.
  convenience init(_ path: String, waits: Bool) throws(Fault) {
    try self.init(path, flags: O_RDWR | O_CREAT, operation: waits ? LOCK_EX : LOCK_EX | LOCK_NB)
  }

  /// Never waits; with `creates` the file must not be there yet, without it must be.
  convenience init(_ path: String, creates: Bool) throws(Fault) {
    try self.init(path, flags: creates ? O_RDWR | O_CREAT | O_EXCL : O_RDWR, operation: LOCK_EX | LOCK_NB)
  }

  /// A new file, under the name that `path` gives.
  ///
  /// One who cleans up may take it for a dead writer's between its making and its locking; then another is made.
  static func made(_ path: () -> String) throws(Fault) -> LockedFile {
    for _ in 0..<100 {
      do { return try LockedFile(path(), creates: true) } catch  where error.kind == .unavailable { continue }
    }
    return try LockedFile(path(), creates: true)
  }

  /// Beside others who share it, never waiting.
  convenience init(sharing path: String) throws(Fault) {
    try self.init(path, flags: O_RDWR | O_CREAT, operation: LOCK_SH | LOCK_NB)
  }

  private init(_ path: String, flags: Int32, operation: Int32) throws(Fault) {
    self.path = path
    descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    while flock(descriptor, operation) != 0 {
      guard errno != EINTR else { continue }
      throw Fault(.unavailable, "\(path) is in use", cause: SystemError.last.text)
    }
    // Another may have taken the name away between opening and locking: what is held then is no file of the folder.
    guard isInPlace else { throw Fault(.unavailable, "\(path) was taken away") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    // Let go by itself: a process that is just being started by this one still has the descriptor, and closing alone would leave the lock to it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  func unlink() { unsafe _ = Glibc.unlink(path) }

  private var isInPlace: Bool {
    var (own, named) = (stat(), stat())
    guard unsafe fstat(descriptor, &own) == 0, unsafe lstat(path, &named) == 0 else { return false }
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }
}
