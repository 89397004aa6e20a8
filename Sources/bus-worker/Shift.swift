import Base
import Bus
import Glibc
import Items
import Store

/// Takes tasks and does what their keys say, as one who may be killed at any instant should.
///
/// A result is published under the condition that it is not there yet; what follows is added behind that; the task is acknowledged last.
struct Shift {
  let table: SQLiteTable
  let bus: any Bus
  let name: String
  let lease: Duration

  static let schema = TableSchema(version: 1, indexes: [])
  static let queues = ["acme", "umbrella"]

  static func result(_ key: String) -> ItemKey { ItemKey("RESULT", key) }

  /// Until killed or, where it is to end, until nothing waits, is lent or is delayed.
  func run(ends: Bool) throws(Fault) {
    while true {
      do throws(Fault) {
        if let claimed = try bus.claim(for: name, lease: lease) {
          put("\(claimed.task.key) \(try work(claimed))\n")
        } else if ends, try isOver() {
          return
        } else {
          _ = try bus.waitForTask(atMost: .milliseconds(200))
        }
      } catch {
        // what was in hand is lent again
        guard error.kind == .unavailable else { throw error }
        put("unavailable\n")
        usleep(20_000)
      }
    }
  }

  private func isOver() throws(Fault) -> Bool {
    for queue in Self.queues {
      let counts = try bus.counts(queue: queue)
      guard counts.waiting + counts.leased + counts.delayed == 0 else { return false }
    }
    return true
  }

  private func work(_ claimed: ClaimedTask) throws(Fault) -> String {
    let (key, claim) = (claimed.task.key, claimed.claim)
    usleep(UInt32.random(in: 0...6000))
    if key.hasPrefix("poison") {
      return "\(try bus.fail(claim, Failure("attempt \(claim.attempt)", isRetryable: true)))"
    }
    if key.hasPrefix("flaky"), claim.attempt % 2 == 1 {
      return "\(try bus.fail(claim, Failure("later", isRetryable: true, delay: .milliseconds(5))))"
    }
    guard try bus.extend(claim, lease: lease) == .held else { return "lost" }
    _ = try table.write([.put(Self.result(key), Array("{\"attempt\":\(claim.attempt)}".utf8), if: .absent)])
    if key.hasPrefix("first") {
      var next = claimed.task
      next.key = "next of \(key)"
      _ = try bus.add([next])
    }
    return "\(try bus.acknowledge(claim))"
  }

  /// Takes a task, stops itself until it is told to go on, and tells what its claim is worth then.
  func stop() throws(Fault) {
    guard let claimed = try bus.claim(for: name, lease: lease) else { throw Fault(.bug, "there is no task") }
    put("has \(claimed.task.key)\n")
    kill(getpid(), SIGSTOP)
    let outcome = try table.write([.put(Self.result(claimed.task.key), Array("{}".utf8), if: .absent)])
    let isPublished = if case .committed = outcome { true } else { false }
    put("published \(isPublished)\n")
    put("extended \(try bus.extend(claimed.claim, lease: lease))\n")
    put("failed \(try bus.fail(claimed.claim, Failure("late", isRetryable: true)))\n")
    put("acknowledged \(try bus.acknowledge(claimed.claim))\n")
  }
}
