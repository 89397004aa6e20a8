public import Base
internal import PostgreSQL

/// Connections that listen to what is told of tasks, for those that wait.
struct PostgreSQLEars {
  var idle: [PostgreSQLConnection] = []
  /// How many more there may be.
  var left: Int
}

extension PostgreSQLBus {
  private struct Look {
    let hasTask: Bool
    let backlog: Int
    /// How long until a lease or a delay is over.
    let due: Duration?
  }

  private func look() throws(Fault) -> Look {
    let rows = try settled(PostgreSQLStatement(PostgreSQLBusSQL.look, [now]))
    return Look(
      hasTask: rows.integer(0, 1) == 1, backlog: rows.integer(0, 2),
      due: rows.isNull(0, 3) ? nil : .milliseconds(max(1, rows.integer(0, 3))))
  }

  public func backlog() throws(Fault) -> Int { try look().backlog }

  /// Whoever waits listens first and looks then: what comes behind the look is heard.
  public func waitForTask(atMost limit: Duration) throws(Fault) -> Bool {
    let deadline = Clock.now + UInt64(max(0, min(limit, .seconds(3600)).nanoseconds))
    if try look().hasTask { return true }
    guard Clock.now < deadline else { return false }
    var ear = try takeEar()
    defer { if let ear { putBack(ear) } }
    var pause = Duration.milliseconds(4)
    while true {
      let look = try look()
      if look.hasTask { return true }
      let now = Clock.now
      guard now < deadline else { return false }
      // long enough to cost nothing, short enough to notice a server that is gone
      var slice = min(Duration.nanoseconds(Int(deadline - now)), .seconds(2))
      if let due = look.due { slice = min(slice, due) }
      if clock != nil { slice = min(slice, .milliseconds(20)) }
      if let listening = ear {
        do throws(Fault) { _ = try listening.awaitNotice(before: now + UInt64(slice.nanoseconds)) } catch {
          // it may have ended long ago: whether the server is away is told by the next look
          putBack(listening)
          ear = nil
        }
      } else {
        Clock.sleep(until: now + UInt64(min(pause, slice).nanoseconds))
        pause = min(pause * 2, .milliseconds(250))
      }
    }
  }

  /// `nil` where too many wait already, or the server lets no more in.
  private func takeEar() throws(Fault) -> PostgreSQLConnection? {
    let (kept, isLeft) = ears.update { ears -> (PostgreSQLConnection?, Bool) in
      if let kept = ears.idle.popLast() { return (kept, true) }
      guard ears.left > 0 else { return (nil, false) }
      ears.left -= 1
      return (nil, true)
    }
    guard kept == nil, isLeft else { return kept }
    do throws(Fault) {
      let ear = try pool.connect()
      try ear.exchange([PostgreSQLStatement(once: "LISTEN \(PostgreSQLBusSQL.channel)")])
      return ear
    } catch {
      ears.update { $0.left += 1 }
      guard error.cause?.hasPrefix("PostgreSQL 53300") == true else { throw error }
      return nil
    }
  }

  private func putBack(_ ear: PostgreSQLConnection) {
    ears.update { ears in
      if ear.isBroken { ears.left += 1 } else { ears.idle.append(ear) }
    }
  }
}
