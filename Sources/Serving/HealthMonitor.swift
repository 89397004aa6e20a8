internal import Base

/// The watchdog of a repository: drops what is late and replaces engines that hang, on a thread that never loads anything, and sees on
/// another, which does not wait for what it has loaded, what came to the folder.
public final class HealthMonitor: Sendable {
  private let isOver: Monitor<Bool>
  private let workers: [NativeThread]

  /// Looks at the folder every `poll` seconds, where that is wanted; `told` hears of every version that came or went.
  public init(
    _ models: ModelRepository, pictures: PictureDesk? = nil, poll: Double?,
    told: @escaping ModelRepository.Told = { _, _, _ in }
  ) {
    let isOver = Monitor(false)
    self.isOver = isOver
    let watchdog = NativeThread {
      repeat {
        models.check()
        pictures?.check(now: Clock.now)
        // Deadlines are kept to a hundredth of a second while anything waits for one.
      } while !Self.isOver(isOver, afterMilliseconds: models.isBusy ? 10 : 100)
    }
    let poller = poll.map { seconds in
      NativeThread {
        var seen = Clock.now
        repeat {
          if Double(Clock.now - seen) / 1e9 >= seconds {
            models.startRefresh(Monitor(0), told)
            seen = Clock.now
          }
        } while !Self.isOver(isOver, afterMilliseconds: 100)
      }
    }
    workers = [watchdog] + [poller].compactMap { $0 }
  }

  private static func isOver(_ isOver: Monitor<Bool>, afterMilliseconds rest: UInt64) -> Bool {
    isOver.wait(before: Clock.now + rest * 1_000_000) { $0 ? true : nil } ?? false
  }

  public func stop() {
    isOver.update { $0 = true }
    for worker in workers { worker.join() }
  }
}
