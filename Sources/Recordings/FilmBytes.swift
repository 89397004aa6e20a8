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

  /// So many bytes at a place, or fewer.
  func read(_ place: Int, _ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, found in
      while found < count {
        let more = unsafe pread(descriptor, buffer.baseAddress! + found, count - found, off_t(place + found))
        guard more > 0 else { return }
        found += more
      }
    }
  }
}
