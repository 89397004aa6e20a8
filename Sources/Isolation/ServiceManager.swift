public import Base
internal import CProcess
internal import Glibc

/// The program that starts this one and watches it, such as systemd: what it hands over, and what it is told.
///
/// Both protocols are those of systemd, which others speak too: an open socket comes by `LISTEN_FDS` (sd_listen_fds(3)), words about the
/// state go to `NOTIFY_SOCKET` (sd_notify(3)). Without such a program nothing is handed over, and what is told goes nowhere.
public enum ServiceManager {
  /// Where the first socket that is handed over lies.
  private static let firstDescriptor: Int32 = 3

  /// The socket that was handed over to this process, which owns it from now on; `nil` where there was none.
  ///
  /// Once, before there are threads and other processes: none of these is to take it for its own.
  public static func takeSocket() throws(Fault) -> Int32? {
    defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) } }
    guard number("LISTEN_PID") == Int(getpid()), let count = number("LISTEN_FDS"), count > 0 else { return nil }
    guard count == 1 else {
      throw Fault(
        .usage, "\(count) sockets were handed over to listen on, and one is used: leave one, such as one ListenStream")
    }
    _ = fcntl(firstDescriptor, F_SETFD, FD_CLOEXEC)
    return firstDescriptor
  }

  /// Tells assignments such as `READY=1` or `STATUS=…`; waits two seconds at most.
  ///
  /// Any process of the service may tell, where the manager listens to all of them (`NotifyAccess=all`).
  public static func tell(_ assignments: String...) {
    guard let place = unsafe getenv("NOTIFY_SOCKET") else { return }
    tell(assignments.joined(separator: "\n"), at: unsafe String(cString: place))
  }

  /// A path, or a name in the kernel's own space that begins with `@`.
  private static func tell(_ text: String, at place: String) {
    var address = sockaddr_un()
    let (path, offset) = (Array(place.utf8), MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!)
    guard path.first == UInt8(ascii: "/") || path.first == UInt8(ascii: "@"), path.count > 1,
      path.count < MemoryLayout<sockaddr_un>.size - offset
    else { return }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address) { bytes in
      for (index, byte) in path.enumerated() { unsafe bytes[offset + index] = byte }
      if path[0] == UInt8(ascii: "@") { unsafe bytes[offset] = 0 }
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 2, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(text.utf8)
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), place, socklen_t(offset + path.count))
      }
    }
  }

  private static func number(_ name: String) -> Int? {
    guard let text = unsafe getenv(name) else { return nil }
    return Int(unsafe String(cString: text))
  }
}
