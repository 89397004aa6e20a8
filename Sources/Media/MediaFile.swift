public import Base
internal import Glibc

/// An opened media file; what is not one is refused before any library looks at it.
///
/// Readers of one file do not disturb each other, and all see the same bytes, also where another file takes its name meanwhile.
/// Faults do not name the path.
public final class MediaFile: Sendable {
  /// Good as long as this object lives; only read at given places, so its own offset means nothing.
  public let descriptor: Int32
  public let byteCount: Int
  /// JPEG pictures one after the other are a film, or one picture with previews: there the name decides.
  public let isNamedFilm: Bool

  /// Opens a regular file that is not empty.
  public init(_ path: String) throws(Fault) {
    byteCount = try SourceFile.check(path)
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SourceFile.refusal(SystemError.last) }
    isNamedFilm = [".mjpeg", ".mjpg"].contains { path.lowercased().hasSuffix($0) }
  }

  /// Reads what was opened elsewhere, and closes it in the end; no file is looked up, so it works where none may be.
  public init(owning descriptor: Int32, isNamedFilm: Bool = false) throws(Fault) {
    self.descriptor = descriptor
    self.isNamedFilm = isNamedFilm
    let end = lseek(descriptor, 0, SEEK_END)
    byteCount = Int(end)
    guard end >= 0 else { throw SourceFile.refusal(SystemError.last) }
    guard end > 0 else { throw SourceFile.empty }
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from a place in the file; how many bytes came, 0 at the end, a negative error number on failure.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    while true {
      let count = unsafe pread(descriptor, buffer.baseAddress, buffer.count, offset)
      if count >= 0 { return count }
      if errno != EINTR { return -Int(errno) }
    }
  }
}
