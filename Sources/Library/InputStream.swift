internal import Base
internal import Glibc

/// A file from front to back, a mebibyte at a time.
final class InputStream {
  private let path: String
  private let descriptor: Int32
  private var block = [UInt8](repeating: 0, count: 1 << 20)

  init(_ path: String) throws(Fault) {
    self.path = path
    (descriptor, _) = try FileSystem.openPlain(path)
  }

  deinit { close(descriptor) }

  /// `nil` at the end.
  func next() throws(Fault) -> [UInt8]? {
    let count: Int
    do { count = try Descriptor.read(descriptor, into: &block) } catch { throw error.fault("read", path) }
    return count == 0 ? nil : Array(block[..<count])
  }
}
