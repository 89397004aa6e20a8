internal import CHiredis

/// What a server answers.
public enum RedisReply: Sendable, Hashable {
  case text([UInt8])
  case number(Int)
  case none
  case list([RedisReply])
  /// `OK` and its like.
  case status(String)
  /// In the server's words: a code in capitals, and a sentence.
  case failure(String)

  /// Of a text or a status; `nil` of others.
  public var bytes: [UInt8]? {
    switch self {
    case .text(let bytes): bytes
    case .status(let text): Array(text.utf8)
    default: nil
    }
  }

  public var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  /// Of a number, also one that is written out as text.
  public var integer: Int? { if case .number(let number) = self { number } else { string.flatMap { Int($0) } } }

  public var elements: [RedisReply]? { if case .list(let elements) = self { elements } else { nil } }

  init(_ reply: UnsafePointer<redisReply>) {
    let type = unsafe reply.pointee.type
    switch type {
    case REDIS_REPLY_INTEGER: self = unsafe .number(Int(reply.pointee.integer))
    case REDIS_REPLY_STRING: self = unsafe .text(Self.bytes(of: reply))
    case REDIS_REPLY_STATUS: self = unsafe .status(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_ERROR: self = unsafe .failure(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_ARRAY:
      var elements: [RedisReply] = []
      for index in 0..<(unsafe reply.pointee.elements) {
        if let element = unsafe reply.pointee.element[index] { unsafe elements.append(RedisReply(element)) }
      }
      self = .list(elements)
    default: self = .none
    }
  }

  private static func bytes(of reply: UnsafePointer<redisReply>) -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len))
  }
}
