internal import Base
internal import Crypto
internal import Glibc

/// A file that a blob is fetched into: it goes on from what an earlier attempt left, and takes no byte more than the blob has.
final class BlobFile {
  private let path: String
  private let descriptor: Int32
  /// What it is to become.
  let byteCount: Int
  private(set) var received = 0
  private var digest = SHA256()

  /// Reads what stands there already.
  init(_ path: String, byteCount: Int) throws(Fault) {
    (self.path, self.byteCount) = (path, byteCount)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    if try FileSystem.byteCount(of: path) > byteCount {
      try startOver()
    } else {
      try FileSystem.forEachBlock(of: path) { [self] (block) throws(Fault) in take(block) }
      lseek(descriptor, 0, SEEK_END)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private func take(_ block: ArraySlice<UInt8>) {
    digest.update(block.span.bytes)
    received += block.count
  }

  /// - Throws: `badInput` where more comes than the manifest says.
  func append(_ bytes: [UInt8]) throws(Fault) {
    guard received + bytes.count <= byteCount else {
      throw Fault(.badInput, "more bytes come than the \(byteCount) that the manifest says")
    }
    do { try Descriptor.write(bytes.span.bytes, to: descriptor) } catch { throw error.fault("write", path) }
    take(bytes[...])
  }

  func startOver() throws(Fault) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw SystemError.last.fault("write", path)
    }
    received = 0
    digest = SHA256()
  }

  /// The SHA-256 of all that is there; it begins anew afterwards.
  func takeDigest() -> String {
    var done = SHA256()
    swap(&done, &digest)
    return done.finish()
  }

  /// Asks the system to bring the bytes to the disk; a full disk may show only here.
  func finish() throws(Fault) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemError.last.fault("write", path) }
  }
}
