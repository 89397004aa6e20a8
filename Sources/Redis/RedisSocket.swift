internal import Base
internal import Glibc

/// A connected socket, of which every call ends at a moment of ``Clock/now``.
@safe struct RedisSocket: ~Copyable {
  private let descriptor: Int32
  private let place: String

  init(_ address: RedisAddress, before deadline: UInt64) throws(Fault) {
    place = address.description
    descriptor = try Self.connected(address, deadline)
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
  }

  deinit { close(descriptor) }

  private static func connected(_ address: RedisAddress, _ deadline: UInt64) throws(Fault) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(address.host, String(address.port), &hints, &found)
    guard status == 0 else {
      let cause = unsafe String(cString: gai_strerror(status))
      throw Fault(.unavailable, "\(address.description): no address is known for this host", cause: cause)
    }
    defer { unsafe freeaddrinfo(found) }
    var (next, cause) = unsafe (found, "")
    while let candidate = unsafe next {
      do throws(SystemError) {
        return unsafe try connect(to: candidate.pointee, deadline)
      } catch { cause = error.text }
      unsafe next = candidate.pointee.ai_next
    }
    throw Fault(.unavailable, "\(address.description): Redis does not answer: is it running?", cause: cause)
  }

  private static func connect(to address: addrinfo, _ deadline: UInt64) throws(SystemError) -> Int32 {
    let kind = unsafe address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = unsafe socket(address.ai_family, kind, address.ai_protocol)
    guard descriptor >= 0 else { throw .last }
    do throws(SystemError) {
      if unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
        guard errno == EINPROGRESS else { throw .last }
        guard wait(descriptor, for: POLLOUT, deadline) else { throw SystemError(ETIMEDOUT) }
        var (code, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw SystemError(code) }
      }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func wait(_ descriptor: Int32, for event: Int32, _ deadline: UInt64) -> Bool {
    while true {
      let now = Clock.now
      guard now < deadline else { return false }
      var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let count = unsafe poll(&entry, 1, Int32(clamping: (deadline - now) / 1_000_000 + 1))
      if count > 0 { return true }
    }
  }

  /// The server has ended the connection, or said what was not asked for.
  var isStale: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) != 0
  }

  func send(_ bytes: RawSpan, before deadline: UInt64) throws(Fault) {
    var rest = bytes
    while rest.byteCount > 0 {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.extracting(droppingFirst: count)
      } else if errno == EAGAIN {
        guard Self.wait(descriptor, for: POLLOUT, deadline) else { throw late() }
      } else if errno != EINTR {
        throw ended(SystemError.last.text)
      }
    }
  }

  /// Reads what there is into some room, at least a byte.
  func receive(into room: inout [UInt8], before deadline: UInt64) throws(Fault) -> Int {
    while true {
      let count = unsafe room.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 { return count }
      if count == 0 { throw ended("end of the connection") }
      switch errno {
      case EINTR: continue
      case EAGAIN: guard Self.wait(descriptor, for: POLLIN, deadline) else { throw late() }
      default: throw ended(SystemError.last.text)
      }
    }
  }

  private func late() -> Fault {
    Fault(.unavailable, "\(place): Redis does not answer in time: what was asked may have been done all the same")
  }

  private func ended(_ cause: String) -> Fault {
    Fault(
      .unavailable, "\(place): the connection to Redis ended: what was asked may have been done all the same",
      cause: cause)
  }
}
