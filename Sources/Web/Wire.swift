internal import CEpoll
internal import Glibc

/// Bytes in and out of a connected socket.
struct Wire: ~Copyable {
  enum Result: Equatable {
    case bytes(Int)
    /// Nothing can be done until the socket is ready again.
    case later
    /// The other side has ended its half.
    case end
    case broken
  }

  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  mutating func read(into room: UnsafeMutableRawBufferPointer) -> Result {
    while true {
      let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  mutating func write(_ part: UnsafeRawBufferPointer) -> Result {
    while true {
      let count = unsafe send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  /// Three parts as one.
  mutating func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) -> Result {
    unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        unsafe third.withUnsafeBytes { third in
          var parts = unsafe (Self.part(first), Self.part(second), Self.part(third))
          return unsafe withUnsafeMutablePointer(to: &parts) { parts in
            unsafe parts.withMemoryRebound(to: iovec.self, capacity: 3) { unsafe gather($0, 3) }
          }
        }
      }
    }
  }

  private func gather(_ parts: UnsafeMutablePointer<iovec>, _ number: Int32) -> Result {
    while true {
      let count = unsafe ridley_send(descriptor, parts, number)
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  private static func part(_ bytes: UnsafeRawBufferPointer) -> iovec {
    unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
  }

  /// Says that nothing more will be sent.
  mutating func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }
}
