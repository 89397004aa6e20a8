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
  private let settings: Settings
  private let tls: RedisTLSContext?
  private let working: RedisPool
  private let waiting: RedisPool

  /// Connects to nothing yet.
  public init(_ address: RedisAddress, settings: Settings = Settings()) throws(Fault) {
    (self.address, self.settings) = (address, settings)
    tls = address.isSecure ? try RedisTLSContext(address) : nil
    working = RedisPool(settings.connections)
    waiting = RedisPool(settings.waiters)
  }

  /// Asks once; errors that the server answers are faults.
  public func call(_ words: [String]) throws(Fault) -> RedisReply {
    let reply = try ask(working, words.map { Array($0.utf8) }, for: .zero)
    if case .failure(let text) = reply { throw RedisFailure.fault(text, address.description) }
    return reply
  }

  /// Has a script run, which a server that does not know it is sent; `key` says in which part of a cluster.
  public func run(_ script: RedisScript, key: String, _ arguments: [[UInt8]]) throws(Fault) -> RedisReply {
    let rest = [[UInt8(ascii: "1")], Array(key.utf8)] + arguments
    var reply = try ask(working, [Array("EVALSHA".utf8), script.digest] + rest, for: .zero)
    if case .failure(let text) = reply, text.hasPrefix("NOSCRIPT") {
      reply = try ask(working, [Array("EVAL".utf8), script.text] + rest, for: .zero)
    }
    if case .failure(let text) = reply { throw RedisFailure.fault(text, address.description) }
    return reply
  }

  /// Asks what the server answers only after a while, at most `duration`; `nil` where too many wait already.
  public func wait(_ words: [String], for duration: Duration) throws(Fault) -> RedisReply? {
    guard let slot = waiting.take(before: 0) else { return nil }
    let reply = try ask(waiting, slot, words.map { Array($0.utf8) }, deadline(after: duration))
    if case .failure(let text) = reply { throw RedisFailure.fault(text, address.description) }
    return reply
  }

  private func ask(_ pool: RedisPool, _ words: [[UInt8]], for duration: Duration) throws(Fault) -> RedisReply {
    let deadline = deadline(after: duration)
    guard let slot = pool.take(before: deadline) else {
      throw Fault(.unavailable, "\(address.description): too many use Redis at once: try again")
    }
    return try ask(pool, slot, words, deadline)
  }

  private func ask(
    _ pool: RedisPool, _ slot: RedisPool.Slot, _ words: [[UInt8]], _ deadline: UInt64
  ) throws(Fault) -> RedisReply {
    var isKept: RedisConnection?
    defer { pool.putBack(isKept) }
    var connection = slot.connection
    if connection?.isStale == true { connection = nil }
    let used = if let connection { connection } else { try RedisConnection(address, tls, before: deadline) }
    do throws(Fault) {
      let reply = try used.ask(words, before: deadline)
      if case .failure(let text) = reply, RedisFailure.endsConnection(text) { pool.forget() } else { isKept = used }
      return reply
    } catch {
      // the others lead to the same server, which may be another when they are made anew
      pool.forget()
      throw error
    }
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
