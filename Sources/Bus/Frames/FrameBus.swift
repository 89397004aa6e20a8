public import Base
internal import Redis

/// Frames on their way to units in other processes or on other hosts, and answers on their way back, through a Redis server.
///
/// Knows nothing of what a frame or an answer holds. Frames of one network wait in one stream, of which any unit that has the network takes the
/// next; who takes one takes it out, so that it is computed once at most, and who put it there takes it back once it is too old. Nothing here
/// outlives a minute. Calls end by the moment that they are told; any thread.
public final class FrameBus: Sendable {
  /// Where it is, without user and password.
  public let place: String
  let client: RedisClient
  private let base: String

  /// Connects to nothing yet; `connections` is how many threads are served at once.
  public init(_ address: String, connections: Int) throws(Fault) {
    let address = try RedisAddress(address)
    var settings = RedisClient.Settings()
    (settings.connections, settings.waiters) = (connections, 0)
    client = try RedisClient(address, settings: settings)
    (place, base) = (address.description, "{\(address.prefix)}:")
  }

  /// The stream of frames for a network; the number is that of the format of its entries.
  func frames(_ network: String) -> String { "\(base)frames1:\(network)" }
  func answers(_ lane: String) -> String { "\(base)answers1:\(lane)" }

  /// Whether the server writes frames to its disk too, which is work for nothing; `nil` where it does not tell.
  public func keepsLog(before deadline: UInt64) throws(Fault) -> Bool? {
    let text = try client.call(["INFO", "persistence"].map { Array($0.utf8) }, before: deadline).string ?? ""
    return text.contains("aof_enabled:1") ? true : text.contains("aof_enabled:0") ? false : nil
  }

  /// Units that said within their time that they are there.
  public func look(before deadline: UInt64) throws(Fault) -> [UnitNotice] {
    let reply = try client.run(FrameLua.look, key: base, [], before: deadline)
    guard let list = reply.elements else { throw unreadable() }
    return list.compactMap { entry in
      guard let parts = entry.elements, parts.count == 2, let id = parts[0].string, let text = parts[1].string else {
        return nil
      }
      return UnitNotice(id: id, text: text)
    }
  }

  /// A unit says that it is there, for a short while, and keeps the streams of its networks.
  public func announce(_ notice: UnitNotice, before deadline: UInt64) throws(Fault) {
    let networks = Set(notice.offers.map(\.network)).sorted()
    let words = [notice.id, notice.text, "\(UnitNotice.lifetime)"] + networks
    _ = try client.run(FrameLua.announce, key: base, words.map { Array($0.utf8) }, before: deadline)
  }

  /// A unit says that it leaves.
  public func withdraw(_ id: String, before deadline: UInt64) throws(Fault) {
    _ = try client.call(["HDEL", base + "units", id].map { Array($0.utf8) }, before: deadline)
  }

  func unreadable() -> Fault { Fault(.bug, "\(place): Redis gave what nothing here asks for") }
}

/// What runs inside the server: the keys are `units` (a hash: unit to the moment at which it is forgotten, and what it offers), `frames1:NETWORK`
/// (a stream with the group `units`) and `answers1:LANE` (a stream).
enum FrameLua {
  private static let now = """
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)

    """

  /// Milliseconds that a stream of frames stays without a unit, and a frame whose server is gone.
  static let (streamLife, frameLife) = (30_000, 10_000)

  static let announce = RedisScript(
    now + """
      local units = KEYS[1] .. 'units'
      redis.call('HSET', units, ARGV[1], string.format('%.0f', now + ARGV[3]) .. '\\n' .. ARGV[2])
      local all = redis.call('HGETALL', units)
      for i = 1, #all, 2 do
        if tonumber(string.match(all[i + 1], '^%d+')) <= now then redis.call('HDEL', units, all[i]) end
      end
      redis.call('PEXPIRE', units, \(streamLife))
      for i = 4, #ARGV do
        local key = KEYS[1] .. 'frames1:' .. ARGV[i]
        redis.pcall('XGROUP', 'CREATE', key, 'units', '0', 'MKSTREAM')
        redis.call('XTRIM', key, 'MINID', string.format('%.0f', now - \(frameLife)))
        redis.call('PEXPIRE', key, \(streamLife))
      end
      return 1
      """)

  static let look = RedisScript(
    now + """
      local all, found = redis.call('HGETALL', KEYS[1] .. 'units'), {}
      for i = 1, #all, 2 do
        local ends, text = string.match(all[i + 1], '^(%d+)\\n(.*)$')
        if ends and tonumber(ends) > now then found[#found + 1] = {all[i], text} end
      end
      return found
      """)

  /// Takes a frame out; whether it was still there, and the server's time.
  static let claim = RedisScript(
    """
    local time = redis.call('TIME')
    return {redis.call('XDEL', KEYS[1], ARGV[1]), time[1], time[2]}
    """)
}
