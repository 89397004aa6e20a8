internal import Base
internal import Glibc

/// Scheduling priority by what was used: a thread that works long steps back for the others, and for good.
///
/// No right is needed for it, as a thread that stepped back stays there; the next piece of work has a thread of its own.
public struct BackgroundPriority: Sendable {
  /// How far (`nice`): beside a thread that did not step back, about a tenth of a processor.
  static let niceness: Int32 = 10
  private static let process = __priority_which_t(PRIO_PROCESS.rawValue)
  /// How often the processor time of a thread is looked at, nanoseconds.
  private static let interval: UInt64 = 10_000_000

  /// False where the whole process stands back as far already.
  private let isWanted: Bool

  /// Before system calls are closed; from then on SIGUSR1 is how a thread is told.
  public init() {
    isWanted = getpriority(Self.process, 0) < Self.niceness
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in
      _ = setpriority(BackgroundPriority.process, 0, BackgroundPriority.niceness)
    }
    action.sa_flags = SA_RESTART
    unsafe sigaction(SIGUSR1, &action, nil)
  }

  /// The calling thread steps back, with those that it starts from now on.
  public func enter() {
    if isWanted { _ = setpriority(Self.process, 0, Self.niceness) }
  }

  /// Runs a body on a thread of its own and waits for it; once it has used so many nanoseconds of a processor it steps back.
  public func run(upTo budget: UInt64, _ body: @escaping @Sendable () -> Void) {
    let isDone = Monitor(false)
    let thread = NativeThread {
      body()
      isDone.update { $0 = true }
    }
    defer { thread.join() }
    guard isWanted else { return }
    while isDone.wait(before: Clock.now + Self.interval, until: { $0 ? true : nil }) == nil {
      guard thread.processorTime > budget else { continue }
      return thread.signal(SIGUSR1)
    }
  }
}
