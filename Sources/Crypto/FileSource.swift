internal import Base
internal import Glibc

/// A file that is read from front to back, and closed with the value.
struct FileSource: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(Fault) {
    _ = try FileSystem.byteCount(of: path)
    guard FileSystem.kind(of: path) != .folder else { throw Fault(.badInput, "\(path) is a folder, not a file") }
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw SystemError.last.fault("read", path) }
    (self.path, descriptor) = (path, opened)
  }

  deinit { close(descriptor) }

  /// Fills the front of `block`; 0 at the end of the file.
  func read(into block: inout [UInt8]) throws(Fault) -> Int {
    do { return try Descriptor.read(descriptor, into: &block) } catch { throw error.fault("read", path) }
  }
}
