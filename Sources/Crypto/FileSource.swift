internal import Base
internal import Glibc

/// A file that is read from front to back, and closed with the value.
struct FileSource: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(Fault) {
    (self.path, descriptor) = (path, try FileSystem.openPlain(path).descriptor)
  }

  deinit { close(descriptor) }

  /// Fills the front of `block`; 0 at the end of the file.
  func read(into block: inout [UInt8]) throws(Fault) -> Int {
    do { return try Descriptor.read(descriptor, into: &block) } catch { throw error.fault("read", path) }
  }
}
