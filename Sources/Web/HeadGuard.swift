internal import Base

/// Looks at the raw bytes of a head for what llhttp lets through.
///
/// Refused are line ends that are not CR LF, folded lines, control
/// characters, and first lines that are not three words with one blank between. It also finds where the head ends, so
/// that two readers must agree on that.
struct HeadGuard {
  enum Verdict: Equatable {
    /// All bytes are fine, and more are needed.
    case open
    /// The head ends behind so many bytes.
    case end(Int)
    /// The byte at this place may not stand there.
    case refused(Int, HeadFault)
  }

  private let headBytes: Int
  private let targetBytes: Int
  private var count = 0
  private var line = 0
  private var lineLength = 0
  private var sawReturn = false
  private var wasBlank = false
  private var words = 1
  private var targetLength = 0
  private var emptyLines = 0

  init(headBytes: Int, targetBytes: Int) { (self.headBytes, self.targetBytes) = (headBytes, targetBytes) }

  /// Whether a byte of this head was seen.
  var hasBegun: Bool { count > 0 }

  mutating func look(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    for place in bytes.indices {
      let byte = unsafe bytes[place]
      count += 1
      if count > headBytes { return .refused(place, .tooLarge) }
      if sawReturn {
        guard byte == UInt8(ascii: "\n") else { return .refused(place, .malformed("a carriage return stands alone")) }
        sawReturn = false
        if let end = endLine() { return end.map { .refused(place, $0) } ?? .end(place + 1) }
      } else if byte == UInt8(ascii: "\r") {
        sawReturn = true
      } else if let fault = line == 0 ? first(byte) : later(byte) {
        return .refused(place, fault)
      } else {
        lineLength += 1
      }
    }
    return .open
  }

  /// A fault, or that the head is complete (`.some(nil)`); `nil` where it goes on.
  private mutating func endLine() -> HeadFault?? {
    if lineLength == 0 {
      if line > 0 { return .some(nil) }
      emptyLines += 1
      return emptyLines > 1 ? .malformed("there are empty lines before the first line") : nil
    }
    if line == 0, words != 3 || wasBlank { return .malformed("the first line is not METHOD TARGET VERSION") }
    line += 1
    lineLength = 0
    return nil
  }

  private mutating func first(_ byte: UInt8) -> HeadFault? {
    guard byte > 0x20, byte < 0x7f else {
      guard byte == 0x20, lineLength > 0, !wasBlank, words < 3 else {
        return .malformed("the first line is not METHOD TARGET VERSION")
      }
      words += 1
      wasBlank = true
      return nil
    }
    wasBlank = false
    if words == 2 {
      targetLength += 1
      if targetLength > targetBytes { return .targetTooLong }
    }
    return nil
  }

  private func later(_ byte: UInt8) -> HeadFault? {
    if byte <= 0x20 {
      if byte == 0x20 || byte == 0x09 {
        return lineLength == 0 ? .malformed("a header line is folded") : nil
      }
      return .malformed("a header has a control character")
    }
    if byte == UInt8(ascii: ":"), lineLength == 0 { return .malformed("a header has no name") }
    return byte == 0x7f ? .malformed("a header has a control character") : nil
  }
}

/// Why a head is refused.
enum HeadFault: Error, Equatable {
  case malformed(String)
  case tooLarge
  case targetTooLong
  case unknownMethod
  case unknownVersion
  case unknownEncoding
  case unknownExpectation

  var refusal: RejectedRequest {
    switch self {
    case .malformed(let why): RejectedRequest(400, .badInput, "the request's head is malformed: \(why)")
    case .tooLarge: RejectedRequest(431, .badInput, "the request's head is too large: send fewer or shorter headers")
    case .targetTooLong:
      RejectedRequest(414, .badInput, "the request's target is too long: send a shorter path or query")
    case .unknownMethod:
      RejectedRequest(501, .unsupported, "the request's method is not known here: use GET, HEAD, POST, PUT or DELETE")
    case .unknownVersion:
      RejectedRequest(505, .unsupported, "the request's version is not known here: use HTTP/1.1 or HTTP/2")
    case .unknownEncoding:
      RejectedRequest(
        501, .unsupported, "the body's Transfer-Encoding is not known here: send it chunked or with a Content-Length")
    case .unknownExpectation:
      RejectedRequest(417, .unsupported, "the request expects something unknown: only '100-continue' can be met")
    }
  }
}
