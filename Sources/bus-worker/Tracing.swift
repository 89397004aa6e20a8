import Base
import Bus
import Glibc

/// Calls with marks between them, for one who counts by strace what waits for the disk.
struct Tracing {
  let bus: any Bus

  func run() throws(Fault) {
    let tasks = (0..<400).map { number in
      BusTask(key: "\(number)", queue: "acme", group: "job", payload: Array("payload".utf8), mostAttempts: 1)
    }
    for batch in 0..<4 {
      put("mark add\n")
      _ = try bus.add(Array(tasks[batch * 100..<(batch + 1) * 100]))
    }
    var claims: [Claim] = []
    put("mark claim\n")
    for _ in 0..<40 { claims.append(try bus.claim(for: "w", lease: .seconds(60))!.claim) }
    put("mark extend\n")
    for claim in claims { _ = try bus.extend(claim, lease: .seconds(60)) }
    put("mark acknowledge\n")
    for claim in claims.prefix(20) { _ = try bus.acknowledge(claim) }
    put("mark giveBack\n")
    for claim in claims[20..<30] { _ = try bus.giveBack(claim, after: .zero) }
    for claim in claims[30..<40] {
      put("mark fail\n")
      _ = try bus.fail(claim, Failure("reason", isRetryable: false))
    }
    put("mark retry\n")
    try bus.retry("job")
    put("mark hold\n")
    try bus.hold("job")
    put("mark release\n")
    try bus.release("job")
    put("mark read\n")
    _ = try (bus.counts(group: "job"), bus.backlog(), bus.waitForTask(atMost: .zero))
    put("mark remove\n")
    try bus.remove(group: "job")
    put("mark end\n")
  }
}

/// A bus whose files may not grow for a while, as on a disk that is full.
struct Filling {
  let bus: any Bus
  let byteCount: Int

  /// Tells a line a finding; faults are those that should not be.
  func run() throws(Fault) {
    signal(SIGXFSZ, SIG_IGN)
    try limit(rlim_t(byteCount))
    var added = 0
    do {
      while true {
        _ = try bus.add([task(added)])
        added += 1
      }
    } catch {
      guard error.kind == .exhausted else { throw error }
      put("refused \(error.message)\n")
    }
    put("there \(try bus.counts(group: "job").waiting - added)\n")
    try limit(rlim_t.max)
    for number in added..<added + 10 { _ = try bus.add([task(number)]) }
    var had = 0
    while let claimed = try bus.claim(for: "w", lease: .seconds(60)) {
      guard claimed.task == task(had) else { throw Fault(.bug, "\(claimed) is not as it was added") }
      had += 1
      _ = try bus.acknowledge(claimed.claim)
    }
    put("had \(had - added)\n")
  }

  private func task(_ number: Int) -> BusTask {
    let payload = [UInt8](repeating: UInt8(number % 256), count: 1000)
    return BusTask(key: "\(number)", queue: "acme", group: "job", payload: payload)
  }

  private func limit(_ byteCount: rlim_t) throws(Fault) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
    limit.rlim_cur = min(byteCount, limit.rlim_max)
    guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
  }
}
