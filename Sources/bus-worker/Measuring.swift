import Base
import Bus

/// How long calls take beside many tasks, in one thread.
struct Measuring {
  let bus: any Bus
  let count: Int

  func run() throws(Fault) {
    try tell("add, a task of a batch of 1000", of: count) { () throws(Fault) in
      for batch in 0..<count / 1000 { _ = try bus.add((0..<1000).map { task(batch * 1000 + $0) }) }
    }
    var claims: [Claim] = []
    try tell("add, alone", of: 1000) { () throws(Fault) in
      for number in count..<count + 1000 { _ = try bus.add([task(number)]) }
    }
    try tell("claim", of: 1000) { () throws(Fault) in
      for _ in 0..<1000 { claims.append(try bus.claim(for: "w", lease: .seconds(3600))!.claim) }
    }
    try tell("extend", of: 1000) { () throws(Fault) in
      for claim in claims { _ = try bus.extend(claim, lease: .seconds(3600)) }
    }
    try tell("acknowledge", of: 1000) { () throws(Fault) in for claim in claims { _ = try bus.acknowledge(claim) } }
    try tell("claim, extend and acknowledge, 8 threads at once", of: 4000) { () throws(Fault) in work(4000) }
    try tell("backlog", of: 1000) { () throws(Fault) in for _ in 0..<1000 { _ = try bus.backlog() } }
    try tell("remove, a task", of: count) { () throws(Fault) in
      for queue in 0..<10 { try bus.remove(queue: "client \(queue)") }
    }
  }

  /// As a host's workers do that share a bus.
  private func work(_ count: Int) {
    let threads = (0..<8).map { number in
      NativeThread { [bus] in
        for _ in 0..<count / 8 {
          guard let claimed = try? bus.claim(for: "w\(number)", lease: .seconds(3600)) else { stop("a claim failed") }
          _ = try? bus.extend(claimed.claim, lease: .seconds(3600))
          guard (try? bus.acknowledge(claimed.claim)) == .held else { stop("a task was not done") }
        }
      }
    }
    for thread in threads { thread.join() }
  }

  private func task(_ number: Int) -> BusTask {
    BusTask(
      key: "item \(number) chunk 7", queue: "client \(number % 10)", group: "job \(number % 100)",
      priority: number / 10 % 3, payload: [UInt8](repeating: 97, count: 200))
  }

  private func tell(_ what: String, of count: Int, _ body: () throws(Fault) -> Void) throws(Fault) {
    let start = Clock.now
    try body()
    put("\(what): \((Clock.now - start) / UInt64(max(1, count)) / 1000) us\n")
  }
}
