internal import Glibc

/// A file without a name where large ones may stand: it goes with the process, however that ends.
public enum UnnamedFile {
  /// A descriptor that is open for reading and writing, to be closed by the caller; `/proc/self/fd/N` is its path.
  public static func make() throws(Fault) -> Int32 {
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    let folder = access(wanted, W_OK) == 0 ? wanted : "/tmp"
    var template = Array("\(folder)/ridley-XXXXXX".utf8CString)
    let descriptor = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
    guard descriptor >= 0 else { throw SystemError.last.fault("write", "\(folder)/ridley-…") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = template.withUnsafeBufferPointer { unlink($0.baseAddress!) }
    return descriptor
  }
}
