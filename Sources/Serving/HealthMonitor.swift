internal import Base
internal import Glibc

/// The watchdog of a repository, a thread: drops what is late, replaces engines that hang, sees what came to the folder.
public final class HealthMonitor: Sendable {
  private let isOver: Monitor<Bool>
  private let worker: Worker

  /// Looks at the folder every `poll` seconds, where that is wanted; `told` hears of every version that came or went.
  public init(
    _ models: ModelRepository, poll: Double?,
    told: @escaping @Sendable (String, String, ModelRepository.State) -> Void = { _, _, _ in }
  ) {
    let isOver = Monitor(false)
    self.isOver = isOver
    worker = Worker {
      var seen = Clock.now
      while !isOver.update({ $0 }) {
        models.check()
        if let poll, Double(Clock.now - seen) / 1e9 >= poll {
          models.refresh(each: told)
          seen = Clock.now
        }
        // Deadlines are kept to a hundredth of a second while anything waits for one.
        usleep(models.isBusy ? 10_000 : 100_000)
      }
    }
  }

  public func stop() {
    isOver.update { $0 = true }
    worker.join()
  }
}
