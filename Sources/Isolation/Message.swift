public import Base

/// What a child tells its parent: bytes of one kind, whole or not at all.
public struct Message: Sendable, Hashable {
  /// Means what the two sides agree on.
  public var kind: UInt8
  public var bytes: [UInt8]

  public init(kind: UInt8, bytes: [UInt8] = []) { (self.kind, self.bytes) = (kind, bytes) }

  static let headerSize = 5
}

/// The child's end of the pipe, for one thread at a time.
public final class MessageWriter {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Sends one message; waits while the parent is behind.
  public func send(_ message: Message) throws(Fault) {
    buffer.removeAll(keepingCapacity: true)
    buffer.append(message.kind)
    for shift in [0, 8, 16, 24] { buffer.append(UInt8(truncatingIfNeeded: message.bytes.count >> shift)) }
    buffer.append(contentsOf: message.bytes)
    let whole = buffer
    do { try unsafe Descriptor.write(whole.span.bytes, to: descriptor) } catch {
      throw Fault(.closed, "the process that asked for this has ended", cause: error.text)
    }
  }
}

/// The parent's end: bytes as they come, cut into messages.
struct MessageReader {
  private var bytes: [UInt8] = []
  private var start = 0

  mutating func append(_ more: some Sequence<UInt8>) {
    bytes.removeFirst(start)
    start = 0
    bytes.append(contentsOf: more)
  }

  /// The next whole message.
  mutating func next() -> Message? {
    guard bytes.count - start >= Message.headerSize else { return nil }
    let size = (0..<4).reduce(0) { $0 | Int(bytes[start + 1 + $1]) << (8 * $1) }
    let end = start + Message.headerSize + size
    guard bytes.count >= end else { return nil }
    defer { start = end }
    return Message(kind: bytes[start], bytes: Array(bytes[start + Message.headerSize..<end]))
  }
}
