/// Bytes that wait for the socket to take them.
struct OutQueue {
  private var parts: [[UInt8]] = []
  private var first = 0
  /// What of the first part was sent.
  private var offset = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Takes what stands behind the first `sent` bytes.
  mutating func append(_ bytes: [UInt8], sent: Int = 0) {
    guard sent < bytes.count else { return }
    if isEmpty { offset = sent }
    parts.append(isEmpty || sent == 0 ? bytes : Array(bytes[sent...]))
    count += bytes.count - sent
  }

  /// Hands on what there is, until the transport takes no more.
  mutating func flush(to transport: inout Transport) -> Transport.Result {
    var sent = 0
    while !isEmpty {
      let result = unsafe parts[first].withUnsafeBytes { part in
        unsafe transport.write(UnsafeRawBufferPointer(rebasing: part[offset...]))
      }
      guard case .bytes(let taken) = result else { return result == .later && sent > 0 ? .bytes(sent) : result }
      sent += taken
      drop(taken)
    }
    return .bytes(sent)
  }

  private mutating func drop(_ taken: Int) {
    count -= taken
    offset += taken
    guard offset == parts[first].count else { return }
    parts[first] = []
    (first, offset) = (first + 1, 0)
    if first == parts.count {
      parts.removeAll(keepingCapacity: true)
      first = 0
    }
  }
}
