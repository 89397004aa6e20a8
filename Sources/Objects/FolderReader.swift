internal import Base
internal import Glibc

/// An object's file, open.
final class FolderReader: ObjectReader {
  let byteCount: Int
  private let path: String
  private let descriptor: Int32

  /// `nil` where there is no such file.
  init?(_ path: String) throws(Fault) {
    self.path = path
    do {
      (descriptor, byteCount) = try FileSystem.openPlain(path)
    } catch  where error.kind == .notFound {
      return nil
    }
  }

  deinit { close(descriptor) }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    let wanted = range.clamped(to: 0..<byteCount)
    var (bytes, done) = ([UInt8](repeating: 0, count: wanted.count), 0)
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { block in
        unsafe pread(descriptor, block.baseAddress! + done, block.count - done, off_t(wanted.lowerBound + done))
      }
      guard count >= 0 || errno == EINTR else { throw SystemError.last.fault("read", path) }
      guard count != 0 else { throw Fault(.badInput, "\(path) ends before its \(byteCount) bytes") }
      done += max(0, count)
    }
    return bytes
  }
}
