public import Base
internal import Glibc
internal import Redis

extension RedisBus {
  /// What is seen at one moment, once time has had its way.
  private struct Look {
    let ready: Int
    let leased: Int
    /// The name of the last entry of the stream that tells of tasks.
    let last: String
    /// How long until a lease or a delay is over.
    let due: Duration?
  }

  private func look() throws(Fault) -> Look {
    while true {
      guard let parts = try run(BusLua.look).elements, parts.count == 5, let ready = parts[1].integer,
        let leased = parts[2].integer, let last = parts[3].string, let due = parts[4].integer
      else { throw unreadable() }
      if parts[0].integer == 1 { continue }
      return Look(ready: ready, leased: leased, last: last, due: due < 0 ? nil : .microseconds(due))
    }
  }

  public func backlog() throws(Fault) -> Int {
    let look = try look()
    return look.ready + look.leased
  }

  /// Whoever waits is told by the server, which says the name of the last entry of `wake` at the moment at which nothing was there: what comes
  /// after that ends the waiting, also where it came before the waiting began.
  public func waitForTask(atMost limit: Duration) throws(Fault) -> Bool {
    let deadline = Clock.now + UInt64(max(0, min(limit, .seconds(3600)).nanoseconds))
    var pause = Duration.milliseconds(4)
    while true {
      let look = try look()
      if look.ready > 0 { return true }
      let now = Clock.now
      guard now < deadline else { return false }
      // long enough to cost nothing, short enough to notice a server that is gone
      var slice = min(Duration.nanoseconds(Int(deadline - now)), .seconds(2))
      if let due = look.due { slice = min(slice, due) }
      if clock != nil { slice = min(slice, .milliseconds(20)) }
      let length = max(1, (slice.nanoseconds + 999_999) / 1_000_000)
      let words = ["XREAD", "BLOCK", "\(length)", "COUNT", "1", "STREAMS", key("wake"), look.last]
      if try client.wait(words, for: .milliseconds(length)) != nil { continue }
      Clock.sleep(until: now + UInt64(min(pause, slice).nanoseconds))
      pause = min(pause * 2, .milliseconds(250))
    }
  }

  public func counts(group: String) throws(Fault) -> BusCounts { try counts(BusLua.countGroup, group) }

  public func counts(queue: String) throws(Fault) -> BusCounts { try counts(BusLua.countQueue, queue) }

  private func counts(_ script: RedisScript, _ name: String) throws(Fault) -> BusCounts {
    while true {
      let numbers = try numbers(script, [name.argument])
      guard numbers.count == 7 else { throw unreadable() }
      if numbers[0] == 1 { continue }
      var counts = BusCounts()
      (counts.waiting, counts.held) = (numbers[1], numbers[2] - numbers[1])
      (counts.leased, counts.delayed, counts.setAside, counts.done) = (numbers[3], numbers[4], numbers[5], numbers[6])
      return counts
    }
  }
}
