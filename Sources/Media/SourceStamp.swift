public import Base
internal import Glibc

/// What tells whether a file is still the one that something was made of.
public struct SourceStamp: Sendable, Hashable {
  public var byteCount: Int
  /// Nanoseconds since 1970; 0 where that could not be asked.
  public var modified: Int

  public init(_ path: String) throws(Fault) {
    byteCount = try SourceFile.check(path)
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw Fault(.notFound, "there is no such file") }
    modified = Int(info.st_mtim.tv_sec) * 1_000_000_000 + Int(info.st_mtim.tv_nsec)
  }

  /// Of the file as it was opened; in a sandbox, where nothing may be asked about files, its length alone.
  init(_ file: MediaFile) throws(Fault) {
    byteCount = file.byteCount
    var info = stat()
    let isTold = unsafe fstat(file.descriptor, &info) == 0
    guard isTold || errno == EPERM else { throw SourceFile.refusal(SystemError.last) }
    modified = isTold ? Int(info.st_mtim.tv_sec) * 1_000_000_000 + Int(info.st_mtim.tv_nsec) : 0
  }

  /// Whether something that was made of a file in the state `made` is right for it in this one, as far as that is known.
  func fits(_ made: SourceStamp) -> Bool {
    byteCount == made.byteCount && (modified == 0 || modified == made.modified)
  }

  init(byteCount: Int, modified: Int) { (self.byteCount, self.modified) = (byteCount, modified) }
}
