public import Base
internal import CEpoll
internal import Glibc

/// Who a connection comes from.
struct Peer: Sendable {
  /// What counts as one client: an IPv4 address, or one /64 of IPv6.
  typealias Origin = UInt64

  /// 4 or 16.
  let bytes: [UInt8]
  let address: String
  let origin: Origin
  /// The same as text: `192.0.2.7`, `2001:db8:0:1::/64`.
  let originText: String

  init(_ storage: sockaddr_storage) {
    var storage = storage
    let isV6 = storage.ss_family == sa_family_t(AF_INET6)
    self.init(unsafe withUnsafeBytes(of: &storage) { unsafe Self.plain(Array($0[isV6 ? 8..<24 : 4..<8])) })
  }

  /// An IPv4 address that IPv6 carries is that IPv4 address.
  static func plain(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count == 16 && bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) ? Array(bytes[12...]) : bytes
  }

  /// 4 bytes for IPv4, 16 for IPv6.
  init(_ bytes: [UInt8]) {
    (self.bytes, address) = (bytes, Self.text(bytes))
    if bytes.count == 4 {
      (origin, originText) = (bytes.reduce(0xffff) { $0 << 8 | UInt64($1) }, address)
    } else {
      origin = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
      originText = Self.text(bytes[..<8] + [UInt8](repeating: 0, count: 8)) + "/64"
    }
  }

  static func text(_ bytes: [UInt8]) -> String {
    var room = [CChar](repeating: 0, count: 64)
    guard unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &room, 64) != nil else { return "unknown" }
    return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A socket that takes connections already when the program starts: its starter made it, and keeps it when the program ends, so that
/// clients that come meanwhile wait in the system's backlog.
public struct PassedSocket: Sendable {
  public let descriptor: Int32
  /// The address it listens at.
  public let address: String
  public let port: Int

  /// Looks at what was passed; the server that gets it closes it at its end.
  public init(_ descriptor: Int32) throws(Fault) {
    var (storage, isListening) = (sockaddr_storage(), Int32(0))
    var (length, four) = (socklen_t(MemoryLayout<sockaddr_storage>.size), socklen_t(4))
    let isNamed = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length) == 0
    }
    _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &four)
    guard isNamed, isListening == 1, [AF_INET, AF_INET6].contains(Int32(storage.ss_family)) else {
      throw Fault(
        .usage,
        "what was handed over to listen on (descriptor \(descriptor)) is no socket that listens at an address of TCP")
    }
    let peer = Peer(storage)
    (self.descriptor, address, port) = (descriptor, peer.address, Listener.port(of: descriptor))
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }
}

/// A socket that takes connections.
final class Listener: Sendable {
  let descriptor: Int32
  let port: Int

  init(_ options: ServerOptions) throws(Fault) {
    if let passed = options.passed {
      (descriptor, port) = (passed.descriptor, passed.port)
      return
    }
    let place = "\(options.address):\(options.port)"
    guard (0...65535).contains(options.port) else {
      throw Fault(.usage, "\(options.port) is no port: use a number from 0 to 65535")
    }
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_PASSIVE
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(options.address, String(options.port), &hints, &found)
    guard status == 0, let address = unsafe found else {
      throw Fault(
        .usage, "cannot listen on '\(options.address)': it is no address of this machine",
        cause: unsafe String(cString: gai_strerror(status)))
    }
    defer { unsafe freeaddrinfo(found) }
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let made = unsafe socket(address.pointee.ai_family, flags, 0)
    guard made >= 0 else { throw Self.refusal(place) }
    var one: Int32 = 1
    unsafe setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    let isBound = unsafe bind(made, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0
    guard isBound, listen(made, Int32(clamping: options.backlog)) == 0 else {
      let fault = Self.refusal(place)
      close(made)
      throw fault
    }
    (descriptor, port) = (made, Self.port(of: made))
  }

  deinit { close(descriptor) }

  fileprivate static func port(of descriptor: Int32) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      _ = unsafe getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
      return unsafe Int(bytes[2]) << 8 | Int(bytes[3])
    }
  }

  private static func refusal(_ place: String) -> Fault {
    let error = SystemError.last
    let advice =
      switch error.code {
      case EADDRINUSE: "something listens there already"
      case EACCES: "ports below 1024 are not for everybody"
      case EADDRNOTAVAIL: "it is no address of this machine"
      default: error.text
      }
    return Fault(error.kind, "cannot listen on \(place): \(advice)", cause: error.text)
  }
}
