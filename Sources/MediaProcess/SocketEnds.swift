internal import Base
internal import CVideo
internal import Glibc

/// The two ends of a line of bytes inside this machine, which programs that are started later do not inherit; both are the caller's to close.
enum SocketEnds {
  static func make() throws(Fault) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Fault(.unavailable, "there are no file descriptors left")
    }
    return (ends[0], ends[1])
  }
}
