internal import Base
internal import Glibc

/// A file that is read from front to back, and closed with the value.
struct FileSource: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(Fault) {
    _ = try Disk.byteCount(of: path)
    guard Disk.kind(of: path) != .folder else { throw Fault(.badInput, "\(path) is a folder, not a file") }
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw FileSource.refusal(path) }
    (self.path, descriptor) = (path, opened)
  }

  deinit { close(descriptor) }

  /// Fills the front of `block`; 0 at the end of the file.
  func read(into block: inout [UInt8]) throws(Fault) -> Int {
    while true {
      let count = unsafe block.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileSource.refusal(path) }
    }
  }

  private static func refusal(_ path: String) -> Fault {
    let cause = unsafe String(cString: strerror(errno))
    return Fault(errno == EACCES ? .denied : .unavailable, "cannot read \(path): \(cause)", cause: cause)
  }
}
