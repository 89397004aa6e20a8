public import Base
internal import Redis

/// A bus in a Redis server, for workers on many hosts.
///
/// Every change is one script (``BusLua``), so that it is whole wherever a process, a connection or the server ends. Leases and delays end by the
/// server's clock. Calls end in bounded time, with `unavailable` where the server does not answer; all goes on when it does.
public final class RedisBus: Bus {
  public struct Settings: Sendable {
    /// How long a call takes at most; those that wait for a task have that much more to notice that the server is gone.
    public var patience = Duration.seconds(5)
    /// Threads that are served at once; others wait for them.
    public var connections = 8
    /// Threads that wait for a task with a connection of their own; others look now and then.
    public var waiters = 16

    public init() {}
  }

  /// Where it is, without user and password.
  public let place: String
  /// What the server keeps at a loss of power, as it was set when the bus was opened.
  public let durability: RedisDurability
  let client: RedisClient
  /// Tells the time in place of the server.
  let clock: BusClock?
  private let base: String

  /// Connects to `redis://[user:password@]host[:port][/db][?prefix=…&ca=…&password-file=…]`, `rediss` for TLS.
  ///
  /// Buses with one prefix are one bus. Refused is a server that is older than Redis 7, and one that may throw away tasks to have room for others.
  public convenience init(_ address: String, settings: Settings = Settings()) throws(Fault) {
    try self.init(address, settings: settings, clock: nil)
  }

  /// With a clock that is told, of which neither the boot nor what it says before it is set back counts.
  package init(_ address: String, settings: Settings = Settings(), clock: BusClock?) throws(Fault) {
    let address = try RedisAddress(address)
    var connecting = RedisClient.Settings()
    (connecting.patience, connecting.connections) = (settings.patience, settings.connections)
    connecting.waiters = settings.waiters
    client = try RedisClient(address, settings: connecting)
    (place, self.clock, base) = (address.description, clock, "{\(address.prefix)}:")
    durability = try RedisDurability(client)
    try sweep()
  }

  func key(_ name: String) -> String { base + name }

  /// Has a script run with some arguments behind the time.
  func run(_ script: RedisScript, _ arguments: [[UInt8]] = []) throws(Fault) -> RedisReply {
    let time = clock.map { "\($0.now() / 1000) \($0.date())" } ?? ""
    do throws(Fault) {
      return try client.run(script, key: base, [Array(time.utf8)] + arguments)
    } catch {
      guard error.cause?.hasPrefix("NEWER") == true else { throw error }
      throw Fault(.unsupported, "\(place): the bus in it is of a newer Ridley: use that")
    }
  }

  func number(_ script: RedisScript, _ arguments: [[UInt8]]) throws(Fault) -> Int {
    guard let number = try run(script, arguments).integer else { throw unreadable() }
    return number
  }

  func numbers(_ script: RedisScript, _ arguments: [[UInt8]]) throws(Fault) -> [Int] {
    guard let numbers = try run(script, arguments).elements?.compactMap(\.integer) else { throw unreadable() }
    return numbers
  }

  func unreadable() -> Fault { Fault(.bug, "\(place): Redis gave what no script of the bus answers") }
}

extension String {
  var argument: [UInt8] { Array(utf8) }
}

extension Int {
  var argument: [UInt8] { Array(String(self).utf8) }
}

extension Duration {
  /// In microseconds, of a part of one a whole one.
  var argument: [UInt8] { ((nanoseconds + 999) / 1000).argument }
}
