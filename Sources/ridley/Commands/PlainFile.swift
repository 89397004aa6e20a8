import Base
import Glibc

/// A file that is read from front to back in pieces.
final class PlainFile {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(Fault) {
    (descriptor, _) = try FileSystem.openPlain(path)
    self.path = path
  }

  deinit { close(descriptor) }

  /// The next bytes, so many, and fewer only at the end.
  func read(_ count: Int) throws(Fault) -> [UInt8] {
    var (bytes, block) = ([UInt8](), [UInt8]())
    while bytes.count < count {
      block = [UInt8](repeating: 0, count: min(count - bytes.count, 1 << 20))
      let read: Int
      do { read = try Descriptor.read(descriptor, into: &block) } catch { throw error.fault("read", path) }
      if read == 0 { break }
      bytes += block.prefix(read)
    }
    return bytes
  }
}
