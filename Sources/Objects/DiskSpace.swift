internal import Base
internal import Glibc

/// Space on the disk of a folder, asked for before it is written to.
struct DiskSpace: Sendable {
  let folder: String
  /// Bytes that stay free.
  let reserve: Int

  /// Refuses what would leave less than the reserve free.
  func check(_ byteCount: Int) throws(Fault) {
    let left = try FileSystem.freeByteCount(in: folder)
    guard left < byteCount || left - byteCount < reserve else { return }
    throw Self.lacking("\(byteCount) bytes are wanted, \(max(0, left - reserve)) are free")
  }

  /// Has the system set the file's bytes aside, which makes it so long; what is written into it then never lacks space.
  func allocate(_ byteCount: Int, _ file: Int32) throws(Fault) {
    try check(byteCount)
    guard byteCount > 0 else { return }
    while true {
      switch posix_fallocate(file, 0, off_t(byteCount)) {
      case 0: return
      case EINTR: continue
      case ENOSPC, EDQUOT, EFBIG: throw Self.lacking("\(byteCount) bytes are wanted")
      case let code: throw SystemError(code).fault("write", folder)
      }
    }
  }

  private static func lacking(_ facts: String) -> Fault {
    Fault(
      .exhausted, "there is not enough space for these bytes: free some space or choose another place", cause: facts)
  }
}
