internal import Base
internal import CCurl
internal import Glibc

/// An address of one end of a connection, as the system has it: a host of version 4 or 6, and a port.
struct SocketAddress: Sendable, Hashable {
  /// A `sockaddr_in` or `sockaddr_in6`.
  private var bytes: [UInt8]

  /// Of the other end of a connection, or of this one.
  init?(of socket: Int32, isPeer: Bool) {
    bytes = [UInt8](repeating: 0, count: 128)
    var size = socklen_t(bytes.count)
    let status = unsafe bytes.withUnsafeMutableBytes { raw in
      let place = unsafe raw.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return isPeer ? unsafe getpeername(socket, place, &size) : unsafe getsockname(socket, place, &size)
    }
    guard status == 0, isKnown else { return nil }
    bytes.removeSubrange((isOfVersion6 ? 28 : 16)...)
  }

  /// Of this machine, from a number: `0.0.0.0` and `::` are all of its addresses.
  init?(number: String, port: Int) {
    var hints = unsafe addrinfo()
    unsafe (hints.ai_family, hints.ai_flags) = (AF_UNSPEC, AI_NUMERICHOST | AI_PASSIVE)
    unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found = unsafe UnsafeMutablePointer<addrinfo>?.none
    guard unsafe getaddrinfo(number, "\(port)", &hints, &found) == 0, let first = unsafe found else { return nil }
    defer { unsafe freeaddrinfo(first) }
    unsafe bytes = Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    guard isKnown else { return nil }
  }

  /// As the system tells it; `nil` for what is none of version 4 or 6.
  init?(_ place: UnsafePointer<sockaddr>?, byteCount: Int? = nil) {
    guard let place = unsafe place else { return nil }
    let family = unsafe Int32(place.pointee.sa_family)
    let count = family == AF_INET ? 16 : family == AF_INET6 ? 28 : 0
    guard count > 0, byteCount ?? count >= count else { return nil }
    unsafe bytes = Array(UnsafeRawBufferPointer(start: place, count: count))
  }

  private var isKnown: Bool { bytes.count >= 16 && (family == AF_INET || family == AF_INET6 && bytes.count >= 28) }
  private var isOfVersion6: Bool { family == AF_INET6 }

  var family: Int32 { Int32(bytes[0]) | Int32(bytes[1]) << 8 }
  /// 4 bytes of version 4, or 16 of version 6.
  var host: [UInt8] { isOfVersion6 ? Array(bytes[8..<24]) : Array(bytes[4..<8]) }

  var port: Int {
    get { Int(bytes[2]) << 8 | Int(bytes[3]) }
    set { (bytes[2], bytes[3]) = (UInt8(truncatingIfNeeded: newValue >> 8), UInt8(truncatingIfNeeded: newValue)) }
  }

  /// It belongs to the open network.
  var isPublic: Bool { PublicAddress.isPublic(host) }

  /// Many may receive what is sent to it.
  var isShared: Bool { isOfVersion6 ? host[0] == 0xFF : (224...239).contains(host[0]) }

  /// Calls the system with it.
  func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int) -> Int {
    unsafe bytes.withUnsafeBytes {
      unsafe body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// A socket for packets at this address, which does not block; `nil` where there is none to be had.
  func socket(shares: Bool = false) -> Int32? {
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let made = Glibc.socket(family, kind, 0)
    guard made >= 0 else { return nil }
    var (size, one) = (Int32(4 << 20), Int32(1))
    unsafe setsockopt(made, SOL_SOCKET, SO_RCVBUF, &size, 4)
    if shares { unsafe setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, 4) }
    guard unsafe withAddress({ unsafe Int(bind(made, $0, $1)) }) == 0 else {
      close(made)
      return nil
    }
    return made
  }

  /// Has a socket receive what is sent to this address, at the interface that has another one, or at the usual one.
  func join(_ socket: Int32, at interface: SocketAddress?) -> Bool {
    if isOfVersion6 {
      let request = host + [0, 0, 0, 0]
      return unsafe request.withUnsafeBytes {
        unsafe setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, $0.baseAddress, 20)
      } == 0
    }
    let request = host + (interface?.host ?? [0, 0, 0, 0])
    return unsafe request.withUnsafeBytes {
      unsafe setsockopt(socket, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, $0.baseAddress, 8)
    } == 0
  }

  /// The next packet that is there, and who sent it; `nil` where there is none.
  static func receive(_ socket: Int32, into block: inout [UInt8]) -> (count: Int, sender: SocketAddress?)? {
    var (bytes, size) = ([UInt8](repeating: 0, count: 128), socklen_t(128))
    let count = unsafe block.withUnsafeMutableBytes { block in
      unsafe bytes.withUnsafeMutableBytes { sender in
        unsafe recvfrom(
          socket, block.baseAddress, block.count, Int32(MSG_DONTWAIT),
          sender.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
      }
    }
    return count < 0 ? nil : (count, SocketAddress(whole: Array(bytes.prefix(Int(size)))))
  }

  private init?(whole bytes: [UInt8]) {
    self.bytes = bytes
    guard isKnown else { return nil }
  }
}
