internal import Base
internal import Glibc

/// Bytes in a file without a name of the scratch folder: it goes with the process, however that ends.
final class S3Spool {
  private let file: LockedFile
  private let space: DiskSpace
  private let folder: String
  private(set) var byteCount = 0

  /// How often free space is looked at.
  private static let interval = 32 << 20

  init(_ scratch: String, reserve: Int) throws(Fault) {
    folder = "\(scratch)/spool"
    space = DiskSpace(folder: folder, reserve: reserve)
    try space.check(1)
    file = try LockedFile.made { [folder] in "\(folder)/\(String(UInt64.random(in: 0 ... .max), radix: 36))" }
    file.unlink()
  }

  func append(_ bytes: borrowing RawSpan) throws(Fault) {
    let total = byteCount + bytes.byteCount
    if byteCount / Self.interval != total / Self.interval { try space.check(bytes.byteCount) }
    do { try Descriptor.write(copy bytes, to: file.descriptor) } catch { throw error.fault("write", folder) }
    byteCount = total
  }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    var (bytes, done) = ([UInt8](repeating: 0, count: range.count), 0)
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { block in
        unsafe pread(file.descriptor, block.baseAddress! + done, block.count - done, off_t(range.lowerBound + done))
      }
      guard count > 0 || (count < 0 && errno == EINTR) else { throw SystemError.last.fault("read", folder) }
      done += max(0, count)
    }
    return bytes
  }
}
