internal import Glibc

/// Reading and writing by file descriptor, gone on with where a signal broke in.
public enum Descriptor {
  /// Writes all of the bytes, in as many calls as it takes.
  public static func write(_ bytes: RawSpan, to descriptor: Int32) throws(SystemError) {
    var rest = bytes
    while rest.byteCount > 0 {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.extracting(droppingFirst: count)
      } else if count == 0 || errno != EINTR {
        throw count == 0 ? SystemError(EIO) : .last
      }
    }
  }

  /// Has the system allow this process as many open files as it may have, and says how many.
  public static func raiseLimit() -> Int {
    var limits = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limits) == 0 else { return 1024 }
    let now = limits.rlim_cur
    limits.rlim_cur = min(limits.rlim_max, 1 << 20)
    if limits.rlim_cur <= now || setrlimit(files, &limits) != 0 { limits.rlim_cur = now }
    return Int(clamping: limits.rlim_cur)
  }

  /// Reads what is there, at most as much as `block` holds; 0 at the end.
  public static func read(_ descriptor: Int32, into block: inout [UInt8]) throws(SystemError) -> Int {
    while true {
      let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { return count }
      guard errno == EINTR else { throw .last }
    }
  }
}
