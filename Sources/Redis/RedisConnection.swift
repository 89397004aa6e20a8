internal import Base
internal import CHiredis

/// A connection to a server, with whatever it needs to be asked; for one thread at a time.
@safe final class RedisConnection: @unchecked Sendable {  // the pool lends it to one thread at a time
  private let socket: RedisSocket
  private var tls: RedisTLS?
  private let reader: UnsafeMutablePointer<redisReader>
  private let place: String
  private var block = [UInt8](repeating: 0, count: 1 << 16)

  init(_ address: RedisAddress, _ context: RedisTLSContext?, before deadline: UInt64) throws(Fault) {
    place = address.description
    socket = try RedisSocket(address, before: deadline)
    if let context {
      var session = try RedisTLS(context, address)
      try session.begin(socket, before: deadline)
      tls = consume session
    } else {
      tls = nil
    }
    guard let made = unsafe redisReaderCreate() else { throw .noMemory(to: "speak with Redis") }
    // from here on it is freed with the rest, also where the server does not let us in
    unsafe reader = made
    try greet(address, deadline)
  }

  deinit { unsafe redisReaderFree(reader) }

  private func greet(_ address: RedisAddress, _ deadline: UInt64) throws(Fault) {
    if let password = address.password {
      let words = ["AUTH"] + (address.user.map { [$0] } ?? []) + [password]
      let reply = try ask(words.map { Array($0.utf8) }, before: deadline)
      if case .failure(let text) = reply { throw RedisFailure.refusedUser(text, place) }
    }
    guard address.database != 0 else { return }
    let reply = try ask([Array("SELECT".utf8), Array(String(address.database).utf8)], before: deadline)
    if case .failure(let text) = reply { throw RedisFailure.fault(text, place) }
  }

  var isStale: Bool { socket.isStale }

  /// Sends a command and waits for its answer.
  ///
  /// After a fault the connection is of no use: an answer may still come.
  func ask(_ words: [[UInt8]], before deadline: UInt64) throws(Fault) -> RedisReply {
    try send(try Self.written(words), deadline)
    return try reply(before: deadline)
  }

  /// Sends a command whose last word is large, from where it lies, and waits for its answer.
  func ask(_ words: [[UInt8]], last: RawSpan, before deadline: UInt64) throws(Fault) -> RedisReply {
    // as the protocol has it: how many words, and before each how long it is
    var head = Array("*\(words.count + 1)\r\n".utf8)
    for word in words { head += Array("$\(word.count)\r\n".utf8) + word + Self.lineEnd }
    try send(head + Array("$\(last.byteCount)\r\n".utf8), deadline)
    if tls == nil {
      try socket.send(last, before: deadline)
    } else {
      try send(unsafe last.withUnsafeBytes { unsafe [UInt8]($0) }, deadline)
    }
    try send(Self.lineEnd, deadline)
    return try reply(before: deadline)
  }

  private static let lineEnd = Array("\r\n".utf8)

  private func reply(before deadline: UInt64) throws(Fault) -> RedisReply {
    while true {
      var reply: UnsafeMutableRawPointer?
      guard unsafe redisReaderGetReply(reader, &reply) == REDIS_OK else {
        throw Fault(.unavailable, "\(place): this is no Redis, or the connection is broken")
      }
      if let reply = unsafe reply {
        defer { unsafe freeReplyObject(reply) }
        return unsafe RedisReply(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self)))
      }
      let count = try receive(deadline)
      let status = unsafe block.withUnsafeBytes { bytes in
        unsafe redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
      }
      guard status == REDIS_OK else { throw .noMemory(to: "read an answer of Redis") }
    }
  }

  private func send(_ bytes: [UInt8], _ deadline: UInt64) throws(Fault) {
    if tls == nil { return unsafe try socket.send(bytes.span.bytes, before: deadline) }
    try tls?.send(bytes, socket, before: deadline)
  }

  private func receive(_ deadline: UInt64) throws(Fault) -> Int {
    if let count = try tls?.receive(into: &block, socket, before: deadline) { return count }
    return try socket.receive(into: &block, before: deadline)
  }

  /// A command as the protocol writes it.
  private static func written(_ words: [[UInt8]]) throws(Fault) -> [UInt8] {
    let lengths = words.map(\.count)
    let bytes = words.flatMap { $0 }
    var target: UnsafeMutablePointer<CChar>?
    let count = unsafe bytes.withUnsafeBytes { all in
      // of no bytes at all there is no address, and none is read
      let start = unsafe all.baseAddress?.assumingMemoryBound(to: CChar.self)
      var (place, starts) = unsafe (0, [UnsafePointer<CChar>?]())
      for length in lengths {
        unsafe starts.append(start.map { unsafe $0 + place })
        place += length
      }
      return unsafe redisFormatCommandArgv(&target, Int32(words.count), &starts, lengths)
    }
    guard count >= 0, let target = unsafe target else { throw .noMemory(to: "write a command for Redis") }
    defer { unsafe redisFreeCommand(target) }
    return unsafe Array(UnsafeRawBufferPointer(start: target, count: Int(count)))
  }
}
