public import Base
internal import Glibc

/// What tells whether a file is still the one that something was made of.
public struct SourceStamp: Sendable, Hashable {
  public var byteCount: Int
  /// Nanoseconds since 1970.
  public var modified: Int

  public init(_ path: String) throws(Fault) {
    byteCount = try SourceFile.check(path)
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw Fault(.notFound, "there is no such file") }
    modified = Int(info.st_mtim.tv_sec) * 1_000_000_000 + Int(info.st_mtim.tv_nsec)
  }

  /// Of the file as it was opened.
  init(_ file: MediaFile) throws(Fault) {
    byteCount = file.byteCount
    var info = stat()
    guard unsafe fstat(file.descriptor, &info) == 0 else { throw SourceFile.refusal(SystemError.last) }
    modified = Int(info.st_mtim.tv_sec) * 1_000_000_000 + Int(info.st_mtim.tv_nsec)
  }

  init(byteCount: Int, modified: Int) { (self.byteCount, self.modified) = (byteCount, modified) }
}
