/// One request on an HTTP/2 connection.
final class HTTP2Stream {
  let number: Int32
  /// In monotonic nanoseconds.
  let openedAt: UInt64
  /// While the head comes in; its fault is answered once it is complete.
  var head = Head()
  var headBytes = 0
  var fault: HeadFault?
  /// Whether the client may still send data.
  var isOpen = true
  var request: Request?
  /// For whom it counts where memory is shared out; empty for the connection's.
  var owner = ""
  var builder: BodyBuilder?
  /// How long its body will be, from its first bytes.
  var announced: (@Sendable (RawSpan) -> Int?)?
  var then: (@Sendable (Body, Exchange) -> Void)?
  var call: Call?
  /// Where a body goes that is not kept, and how long it may be.
  var feed: BodyFeed?
  var limit = 0
  /// The client sends its body once it is told to.
  var awaitsContinue = false
  /// Bytes that came, as many of which the client may not send again yet.
  var withheld = 0
  var bytesIn = 0
  /// Bytes of the body that were not wanted.
  var bytesAway = 0

  // The answer.
  var status = 0
  /// When all of it was sent, in monotonic nanoseconds; the client may still be sending.
  var answeredAt: UInt64?
  var bytesOut = 0
  /// While all of the answer is there to be sent and not all was: since when that is seen, and what had gone then.
  var sendingSince: UInt64?
  var bytesOutMark = 0
  /// What waits, as the budget of answers has it.
  private var share: BudgetShare?
  private var parts: [[UInt8]] = []
  /// What goes out behind the last of them.
  var trailers: [(String, String)] = []
  /// Of an answer with neither body nor trailers.
  var bareHeaders: [(String, String)] = []
  private var offset = 0
  var flow: Flow?
  var end: Flow.End? = .whole
  /// nghttp2 does not ask for data until it is told that there is some.
  var isDeferred = false

  init(_ number: Int32, at now: UInt64) {
    (self.number, openedAt) = (number, now)
    head.version = .http2
  }

  /// Something of its answer waits for the client.
  var isSending: Bool { status > 0 && !isDeferred && answeredAt == nil }

  func append(_ part: [UInt8]) {
    if !part.isEmpty { parts.append(part) }
  }

  /// Whether so many bytes of an answer may wait for the client.
  func hold(_ count: Int, in answers: ByteBudget, for owner: String) -> Bool {
    guard count > 0 else { return true }
    let share = BudgetShare(answers, owner: owner)
    self.share = share
    return share.add(count)
  }

  var isEmpty: Bool { parts.isEmpty }

  /// Moves bytes of the answer; says how many.
  func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while let part = parts.first, count < room.count {
      let taken = min(part.count - offset, room.count - count)
      unsafe part.withUnsafeBytes { bytes in
        unsafe room[count...].copyBytes(from: bytes[offset..<offset + taken])
      }
      (count, offset) = (count + taken, offset + taken)
      guard offset == part.count else { break }
      parts.removeFirst()
      offset = 0
    }
    bytesOut += count
    if parts.isEmpty { share = nil }
    return count
  }

  // MARK: the head

  /// Takes one header, or one of the first lines that HTTP/2 writes as headers.
  func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ limits: Limits) {
    headBytes += name.count + value.count + 32
    if headBytes > limits.headBytes || head.fields.count >= limits.headerCount { fault = fault ?? .tooLarge }
    guard fault == nil else { return }
    guard unsafe name.first == UInt8(ascii: ":") else {
      if unsafe !head.fields.add(name, value) { fault = .malformed("a header's name has a character it may not have") }
      return
    }
    switch unsafe String(decoding: name, as: UTF8.self) {
    case ":method": head.method = unsafe String(decoding: value, as: UTF8.self)
    case ":path": unsafe setTarget(value, limits)
    case ":authority": setHost(unsafe String(decoding: value, as: UTF8.self))
    default: break
    }
  }

  private func setTarget(_ value: UnsafeRawBufferPointer, _ limits: Limits) {
    if value.count > limits.targetBytes {
      fault = .targetTooLong
    } else if unsafe !value.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) || value.first == UInt8(ascii: "h") {
      fault = .malformed("its target is not a path")
    } else {
      head.target = unsafe Array(value)
    }
  }

  /// Comes before all plain headers; stands in for `Host`.
  private func setHost(_ host: String) {
    unsafe "host".utf8.withContiguousStorageIfAvailable { name in
      var host = host
      host.withUTF8 { value in
        _ = unsafe head.fields.add(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer(value))
      }
    }
  }
}
