internal import Base

/// Reads a body of HTTP/1 while it comes in, of known length or in chunks; kept, or read away.
final class BodyReader {
  enum Fault: Error, Equatable {
    case malformed, tooLong(Int), noMemory

    func refusal(_ request: Request) -> RejectedRequest {
      switch self {
      case .malformed: RejectedRequest(400, .badInput, "the body's chunks are malformed", request: request)
      case .tooLong(let limit): .tooLong(limit, request)
      case .noMemory: .noMemory(request)
      }
    }
  }

  private let isChunked: Bool
  private let length: Int
  private var limit: Int
  private var builder: BodyBuilder?
  /// Where it goes instead of into memory.
  private var feed: BodyFeed?
  private var chunks = ChunkReader()
  private(set) var count = 0
  private(set) var isComplete: Bool

  /// Keeps the body, which counts as held by `owner`; `nil` where it is longer than `limit`, or there is no memory for it.
  init?(_ framing: Head.Framing, limit: Int, lead: Int, owner: String, pool: BodyPool) {
    self.limit = limit
    switch framing {
    case .length(let length):
      guard length <= limit,
        let builder = BodyBuilder(pool, expecting: length, limit: limit, lead: lead, owner: owner)
      else { return nil }
      (isChunked, self.length, isComplete) = (false, length, length == 0)
      self.builder = consume builder
    case .chunked:
      guard let builder = BodyBuilder(pool, expecting: nil, limit: limit, lead: lead, owner: owner) else { return nil }
      (isChunked, length, isComplete) = (true, 0, false)
      self.builder = consume builder
    }
  }

  /// Hands the body on while it comes; its length, where it is known, is within the limit.
  init(_ framing: Head.Framing, limit: Int, to feed: BodyFeed) {
    (self.limit, self.feed) = (limit, feed)
    switch framing {
    case .length(let length): (isChunked, self.length, isComplete) = (false, length, length == 0)
    case .chunked: (isChunked, length, isComplete) = (true, 0, false)
    }
  }

  /// From now on reads the rest away; false where that is known to be longer than `rest`.
  func discard(atMost rest: Int) -> Bool {
    guard isChunked || length - count <= rest else { return false }
    (feed, limit) = (nil, count + rest)
    return true
  }

  /// Reads the body away; `nil` where it is known to be longer than `limit`.
  init?(discarding framing: Head.Framing, limit: Int) {
    self.limit = limit
    switch framing {
    case .length(let length):
      guard length <= limit else { return nil }
      (isChunked, self.length, isComplete) = (false, length, length == 0)
    case .chunked: (isChunked, length, isComplete) = (true, 0, false)
    }
  }

  /// Takes bytes up to the body's end; says how many.
  func read(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> Int {
    guard isChunked else {
      let taken = min(bytes.count, length - count)
      try unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
      isComplete = count == length
      return taken
    }
    var place = 0
    while true {
      let step: ChunkReader.Step
      do throws(ChunkReader.Fault) { step = try unsafe chunks.read(bytes, from: place) } catch { throw .malformed }
      switch step {
      case .more: return bytes.count
      case .data(let range):
        try unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[range]))
        place = range.upperBound
      case .end(let end):
        isComplete = true
        return end
      }
    }
  }

  private func keep(_ part: UnsafeRawBufferPointer) throws(Fault) {
    guard part.count <= limit - count else { throw .tooLong(limit) }
    guard unsafe feed?.put(part) ?? true else { throw .noMemory }
    switch unsafe builder?.append(part) {
    case .fits, nil: count = count + part.count
    case .tooLong(let limit): throw .tooLong(limit)
    case .noMemory: throw .noMemory
    }
  }

  /// Where the rest of a body of known length may be received straight to.
  var room: UnsafeMutableRawBufferPointer? {
    guard !isChunked, !isComplete else { return nil }
    return unsafe builder?.room
  }

  func filled(_ more: Int) throws(Fault) {
    guard builder?.filled(more) ?? true else { throw .noMemory }
    count += more
    isComplete = count == length
  }

  /// Once complete.
  func finish() -> Body {
    guard let whole = builder.take() else { preconditionFailure("a body that was read away is asked for") }
    return whole.finish()
  }
}

extension RejectedRequest {
  static func tooLong(_ limit: Int, _ request: Request) -> RejectedRequest {
    RejectedRequest(413, .tooLarge, "the body is too large: at most \(limit) bytes are taken here", request: request)
  }

  static func noMemory(_ request: Request) -> RejectedRequest {
    RejectedRequest(
      503, .unavailable, "the server holds as much of your requests, or of all together, as it may: try again",
      request: request)
  }
}
