public import Base
internal import CCurl
internal import Glibc

/// A connection to a server.
public struct Outgoing: Sendable {
  /// The caller's to close.
  public let descriptor: Int32
  /// The server has an address of the open network.
  public let isOutside: Bool
}

/// Connects to a server by TCP, through the gate that keeps strangers' wishes away from local networks.
public enum OutgoingConnection {
  /// A connected socket; tries each address of the name in turn.
  ///
  /// - Throws: `denied` where the name leads to an address of this machine or a local network and those may not be reached, `notFound` where nobody
  ///   has the name, `unavailable` where nobody answers within so many seconds.
  public static func open(
    host: String, port: Int, reachesPrivate: Bool, seconds: Double
  ) throws(Fault) -> Outgoing {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found = unsafe UnsafeMutablePointer<addrinfo>?.none
    let status = unsafe getaddrinfo(host, "\(port)", &hints, &found)
    guard status == 0, let first = unsafe found else {
      throw HostName.isUnknown(status)
        ? Fault(.notFound, "nobody is called '\(host)'")
        : Fault(.unavailable, "the name '\(host)' cannot be looked up now")
    }
    defer { unsafe freeaddrinfo(first) }
    let deadline = Clock.now + UInt64(seconds * 1e9)
    var (next, fault) = (unsafe Optional(first), Fault(.unavailable, "'\(host)' has no address"))
    while let address = unsafe next {
      unsafe next = address.pointee.ai_next
      let isOpen =
        unsafe SocketAddress(address.pointee.ai_addr, byteCount: Int(address.pointee.ai_addrlen))?.isPublic ?? false
      guard reachesPrivate || isOpen else {
        fault = Fault(.denied, PublicGate.words("'\(host)'"))
        continue
      }
      do throws(Fault) {
        return Outgoing(descriptor: unsafe try connect(address.pointee, deadline), isOutside: isOpen)
      } catch {
        fault = Fault(error.kind, "'\(host):\(port)' \(error.message)")
      }
    }
    throw fault
  }

  /// A blocking socket, once it is connected.
  private static func connect(_ address: addrinfo, _ deadline: UInt64) throws(Fault) -> Int32 {
    let kind = unsafe address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let file = unsafe socket(address.ai_family, kind, address.ai_protocol)
    guard file >= 0 else { throw Fault(.unavailable, "cannot be asked: there are no file descriptors left") }
    do throws(Fault) {
      if unsafe Glibc.connect(file, address.ai_addr, address.ai_addrlen) != 0 {
        guard errno == EINPROGRESS else { throw refusal(errno) }
        var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        let now = Clock.now
        let rest = deadline > now ? Int32(clamping: (deadline - now) / 1_000_000) : 0
        guard unsafe poll(&waiting, 1, rest) > 0 else { throw Fault(.unavailable, "does not answer") }
        var (code, size) = (Int32(0), socklen_t(4))
        unsafe getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw refusal(code) }
      }
      _ = fcntl(file, F_SETFL, 0)
      return file
    } catch {
      close(file)
      throw error
    }
  }

  private static func refusal(_ code: Int32) -> Fault {
    code == ECONNREFUSED
      ? Fault(.unavailable, "takes no connections")
      : Fault(.unavailable, "cannot be reached", cause: unsafe String(cString: strerror(code)))
  }
}
