public import Base

/// A server, asked through a bounded number of connections that are made anew where they ended.
public final class RedisClient: Sendable {
  public struct Settings: Sendable {
    /// How long a call takes at most, with all that it waits for: a free connection, one that is made, and the answer.
    ///
    /// A name that is looked up may take the time that the system gives it.
    public var patience = Duration.seconds(5)
    /// How many threads are served at once.
    public var connections = 8
    /// How many may wait for something to happen at once, beside these.
    public var waiters = 16

    public init() {}
  }

  public let address: RedisAddress
  /// Who is asked: another where a cluster said so.
  private let server: Monitor<RedisAddress>
  private let settings: Settings
  private let tls: RedisTLSContext?
  private let working: RedisPool
  private let waiting: RedisPool

  /// Connects to nothing yet.
  public init(_ address: RedisAddress, settings: Settings = Settings()) throws(Fault) {
    (self.address, self.settings, server) = (address, settings, Monitor(address))
    tls = address.isSecure ? try RedisTLSContext(address) : nil
    working = RedisPool(settings.connections)
    waiting = RedisPool(settings.waiters)
  }

  /// Asks once; errors that the server answers are faults.
  public func call(_ words: [String]) throws(Fault) -> RedisReply {
    try sound(try ask(working, words.map { Array($0.utf8) }, for: .zero))
  }

  /// Has a script run, which a server that does not know it is sent; `key` says in which part of a cluster.
  public func run(_ script: RedisScript, key: String, _ arguments: [[UInt8]]) throws(Fault) -> RedisReply {
    try run(script, key: key, arguments, before: deadline(after: .zero))
  }

  /// The same up to a moment of ``Clock/now``.
  public func run(
    _ script: RedisScript, key: String, _ arguments: [[UInt8]], before deadline: UInt64
  ) throws(Fault) -> RedisReply {
    let rest = [[UInt8(ascii: "1")], Array(key.utf8)] + arguments
    let reply = try ask(working, [Array("EVALSHA".utf8), script.digest] + rest, deadline)
    guard case .failure(let text) = reply, text.hasPrefix("NOSCRIPT") else { return try sound(reply) }
    return try sound(try ask(working, [Array("EVAL".utf8), script.text] + rest, deadline))
  }

  /// Asks what the server answers only after a while, at most `duration`; `nil` where too many wait already.
  public func wait(_ words: [String], for duration: Duration) throws(Fault) -> RedisReply? {
    guard let slot = waiting.take(before: 0) else { return nil }
    return try sound(try ask(waiting, slot, words.map { Array($0.utf8) }, deadline(after: duration)))
  }

  /// The same up to a moment of ``Clock/now``, which counts in place of the settings' patience.
  public func call(_ words: [[UInt8]], before deadline: UInt64) throws(Fault) -> RedisReply {
    try sound(try ask(working, words, deadline))
  }

  /// The same with one more word behind the others, which is sent from where it lies.
  public func call(_ words: [[UInt8]], last: SharedBytes, before deadline: UInt64) throws(Fault) -> RedisReply {
    try sound(try ask(working, words, last: last, deadline))
  }

  private func sound(_ reply: RedisReply) throws(Fault) -> RedisReply {
    if case .failure(let text) = reply { throw RedisFailure.fault(text, address.description) }
    return reply
  }

  private func ask(_ pool: RedisPool, _ words: [[UInt8]], for duration: Duration) throws(Fault) -> RedisReply {
    try ask(pool, words, deadline(after: duration))
  }

  private func ask(
    _ pool: RedisPool, _ words: [[UInt8]], last: SharedBytes? = nil, _ deadline: UInt64
  ) throws(Fault) -> RedisReply {
    // a cluster says where else to ask, and may have changed its mind there
    for _ in 0..<3 {
      guard let slot = pool.take(before: deadline) else {
        throw Fault(.unavailable, "\(address.description): too many use Redis at once: try again")
      }
      let reply = try ask(pool, slot, words, last: last, deadline)
      guard case .failure(let text) = reply, let place = RedisFailure.newPlace(text) else { return reply }
      server.update { $0 = address.moved(to: place) }
      for pool in [working, waiting] { pool.forget() }
    }
    throw Fault(.unavailable, "\(address.description): the cluster sends us from one server to another: try again")
  }

  private func ask(
    _ pool: RedisPool, _ slot: RedisPool.Slot, _ words: [[UInt8]], last: SharedBytes? = nil, _ deadline: UInt64
  ) throws(Fault) -> RedisReply {
    var isKept: RedisConnection?
    defer { pool.putBack(isKept) }
    var connection = slot.connection
    if connection?.isStale == true { connection = nil }
    do throws(Fault) {
      let used = if let connection { connection } else { try connect(before: deadline) }
      let reply =
        if let last { unsafe try used.ask(words, last: RawSpan(_unsafeBytes: last.pointer), before: deadline) } else {
          try used.ask(words, before: deadline)
        }
      if case .failure(let text) = reply, RedisFailure.endsConnection(text) { pool.forget() } else { isKept = used }
      return reply
    } catch {
      // the others lead to the same server, which may be another when they are made anew
      pool.forget()
      server.update { $0 = address }
      throw error
    }
  }

  private func connect(before deadline: UInt64) throws(Fault) -> RedisConnection {
    try RedisConnection(server.update { $0 }, tls, before: deadline)
  }

  private func deadline(after duration: Duration) -> UInt64 {
    Clock.now + UInt64(max(0, (settings.patience + duration) / .nanoseconds(1)))
  }
}

/// Connections that are lent to a thread each, and made by it where there is none.
final class RedisPool: Sendable {
  struct Slot {
    /// `nil` where one is to be made.
    let connection: RedisConnection?
  }

  private struct State {
    var free: Int
    var idle: [RedisConnection] = []
  }

  private let state: Monitor<State>

  init(_ count: Int) { state = Monitor(State(free: count)) }

  /// The right to one connection, `nil` where none came free; give it back with ``putBack(_:)``.
  func take(before deadline: UInt64) -> Slot? {
    state.wait(before: deadline) { state in
      guard state.free > 0 else { return nil }
      state.free -= 1
      // the last that was used: those that are not needed stay idle
      return Slot(connection: state.idle.popLast())
    }
  }

  func putBack(_ connection: RedisConnection?) {
    state.update { state in
      state.free += 1
      if let connection { state.idle.append(connection) }
    }
  }

  func forget() { state.update { $0.idle = [] } }
}
