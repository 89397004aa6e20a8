internal import Base
internal import Glibc

/// The bytes of a recording's file, which can be read to their end whatever becomes of its name.
final class FilmBytes: Sendable {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(Fault) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last.fault("read", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func byteCount() throws(Fault) -> Int {
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0 else { throw SystemError.last.fault("read", path) }
    return Int(info.st_size)
  }

  /// So many bytes at a place, or fewer where the file ends.
  func read(_ place: Int, _ count: Int) throws(Fault) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, found in
      while found < count {
        let more = unsafe pread(descriptor, buffer.baseAddress! + found, count - found, off_t(place + found))
        if more > 0 {
          found += more
        } else if more == 0 || errno != EINTR {
          if more < 0 { failure = .last }
          return
        }
      }
    }
    // What a disk does not give now is not the end of what stands on it.
    if let failure { throw Fault(.unavailable, failure.fault("read", path).message) }
    return bytes
  }
}
