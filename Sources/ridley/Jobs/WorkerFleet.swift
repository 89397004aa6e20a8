import Base
import Glibc
import Isolation

/// Workers beside a server, kept alive.
final class WorkerFleet: Sendable {
  private struct Crew {
    var workers: [SpawnedProcess] = []
    /// Nanoseconds before which no worker is started again.
    var notBefore: UInt64 = 0
  }

  private let crew: Monitor<Crew>
  private let keeper: RepeatingThread

  /// A worker that ends is started again, at most one every five seconds; `complain` hears of what cannot be started.
  init(
    library: String, models: String?, count: Int, complain: @escaping @Sendable (Fault) -> Void
  ) {
    var words = ["worker", "--library", FileSystem.absolute(library), "--with-parent", "\(getpid())", "--step-back"]
    if let models { words += ["--models", FileSystem.absolute(models)] }
    let (crew, arguments) = (Monitor(Crew()), words)
    self.crew = crew
    keeper = RepeatingThread(restMilliseconds: 500, complain: complain) { () throws(Fault) in
      let missing = crew.update { crew in
        crew.workers.removeAll { $0.hasEnded }
        return Clock.now < crew.notBefore ? 0 : count - crew.workers.count
      }
      guard missing > 0 else { return }
      crew.update { $0.notBefore = Clock.now + 5_000_000_000 }
      for _ in 0..<missing {
        let worker = try SpawnedProcess(arguments: arguments, isTrusted: true)
        crew.update { $0.workers.append(worker) }
      }
    }
  }

  /// Has every worker give back what it is at, and waits until they have ended, for ten seconds at most.
  func stop() {
    keeper.stop()
    let workers = crew.update { $0.workers }
    for worker in workers { worker.terminate() }
    let deadline = Clock.now + 10_000_000_000
    while Clock.now < deadline, workers.contains(where: { !$0.hasEnded }) { usleep(5_000) }
  }
}
