internal import Base
internal import Glibc

/// The file a download grows; it keeps what was there and is closed with the value.
final class PartialFile {
  private let path: String
  private let descriptor: Int32
  private(set) var byteCount: Int

  init(_ path: String) throws(Fault) {
    self.path = path
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    byteCount = 0
    guard descriptor >= 0 else { throw refusal() }
    byteCount = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func append(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var start = 0
    while start < bytes.count {
      let count = unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw refusal() }
      start += count
    }
    byteCount += bytes.count
  }

  func startOver() throws(Fault) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw refusal() }
    byteCount = 0
  }

  /// Asks the system to bring the bytes to the disk; a full disk may show only here.
  func finish() throws(Fault) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw refusal() }
  }

  private func refusal() -> Fault {
    let code = errno
    let cause = unsafe String(cString: strerror(code))
    return switch code {
    case ENOSPC, EDQUOT: Fault(.exhausted, "the disk is full: cannot write \(path)", cause: cause)
    case EACCES, EPERM, EROFS: Fault(.denied, "no permission to write \(path)", cause: cause)
    case ENOENT, ENOTDIR: Fault(.notFound, "there is no folder for \(path)", cause: cause)
    default: Fault(.unavailable, "cannot write \(path): \(cause)", cause: cause)
    }
  }
}
