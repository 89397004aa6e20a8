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
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    byteCount = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func append(_ bytes: RawSpan) throws(Fault) {
    do { try Descriptor.write(bytes, to: descriptor) } catch { throw error.fault("write", path) }
    byteCount += bytes.byteCount
  }

  func startOver() throws(Fault) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw SystemError.last.fault("write", path)
    }
    byteCount = 0
  }

  /// Asks the system to bring the bytes to the disk; a full disk may show only here.
  func finish() throws(Fault) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemError.last.fault("write", path) }
  }
}
