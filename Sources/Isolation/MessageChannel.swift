public import Base
internal import CProcess
internal import Glibc

/// One end of a connection between two processes: whole messages, each with a descriptor or none.
///
/// One thread at a time.
public final class MessageChannel: Sendable {
  public enum Received {
    /// With it a descriptor that the receiver has to close, where it takes any.
    case message(Message, descriptor: Int32?)
    /// The other side is gone.
    case ended
    /// Nothing came before the deadline.
    case late
    /// What came is not a message.
    case broken
  }

  /// The most bytes of one message, its kind included.
  public static let limit = 64 << 10

  let descriptor: Int32
  /// The parent does not wait for a child that does not listen, and takes no descriptors from it.
  private let isParent: Bool

  /// Owns the descriptor.
  init(_ descriptor: Int32, isParent: Bool) { (self.descriptor, self.isParent) = (descriptor, isParent) }

  deinit { close(descriptor) }

  /// - Throws: `closed` where the other side is gone, or does not read what it is sent.
  public func send(_ message: Message, descriptor passed: Int32? = nil) throws(Fault) {
    var bytes = [message.kind]
    bytes += message.bytes
    guard bytes.count <= Self.limit else { throw Fault(.bug, "a message of \(bytes.count) bytes is too long") }
    while true {
      let count = unsafe ridley_send(descriptor, &bytes, bytes.count, passed ?? -1, isParent ? 0 : 1)
      if count == bytes.count { return }
      guard errno == EINTR else { throw Fault(.closed, "the other process does not listen any more") }
    }
  }

  /// Waits for the next message until a deadline in monotonic nanoseconds, or for ever.
  public func receive(until deadline: UInt64? = nil) -> Received {
    while true {
      guard isReadable(until: deadline) else { return .late }
      if let received = unsafe withUnsafeTemporaryAllocation(byteCount: Self.limit, alignment: 1, take) {
        return received
      }
    }
  }

  /// `nil` where there was nothing after all.
  private func take(_ bytes: UnsafeMutableRawBufferPointer) -> Received? {
    var passed: Int32 = -1
    let count =
      isParent
      ? unsafe ridley_receive(descriptor, bytes.baseAddress, bytes.count, nil, 0)
      : unsafe ridley_receive(descriptor, bytes.baseAddress, bytes.count, &passed, 0)
    if count == -1, [EINTR, EAGAIN].contains(errno) { return nil }
    if count == -1 || count == 0 { return .ended }
    guard count > 0 else { return .broken }
    let message = unsafe Message(kind: bytes[0], bytes: Array(bytes[1..<count]))
    return .message(message, descriptor: passed < 0 ? nil : passed)
  }

  /// True where the other side is gone, or has said something that it was not asked for.
  public var isAwry: Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&waiting, 1, 0) != 0
  }

  private func isReadable(until deadline: UInt64?) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      var timeout: Int32 = -1
      if let deadline {
        let now = Clock.now
        timeout = deadline > now ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
      }
      let ready = unsafe poll(&waiting, 1, timeout)
      if ready > 0 { return true }
      if ready == 0, let deadline, Clock.now >= deadline { return false }
    }
  }
}
