internal import Base
internal import Glibc

/// Does one piece of work after the other on a thread of its own, which steps back once a piece takes long: scheduling priority by what
/// was used.
///
/// A thread that stepped back stays there, which needs no right; so it ends with its piece, and another one goes on with the next.
public final class BackgroundWorker: Sendable {
  private struct State {
    /// The thread's processor time at the beginning of the piece at work, nanoseconds; `nil` between pieces.
    var begun: UInt64?
    var hasSteppedBack = false
    var hasEnded = false
  }

  /// How far (`nice`): beside a thread that did not step back, about a tenth of a processor.
  static let niceness: Int32 = 10
  private static let process = __priority_which_t(PRIO_PROCESS.rawValue)
  /// How often the processor time of a piece is looked at, nanoseconds.
  private static let interval: UInt64 = 10_000_000

  /// Nanoseconds of a processor for which a piece stands level with others.
  private let budget: UInt64
  /// False where the whole process stands back as far already.
  private let isWanted: Bool
  private let state = Monitor(State())

  /// Before system calls are closed; from then on SIGUSR1 is how a thread is told.
  public init(upTo budget: UInt64) {
    self.budget = budget
    isWanted = getpriority(Self.process, 0) < Self.niceness
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in BackgroundWorker.lower() }
    action.sa_flags = SA_RESTART
    unsafe sigaction(SIGUSR1, &action, nil)
  }

  /// Does what `next` gives, until it gives nothing; both run on the worker's thread, and the caller waits.
  public func run<Piece>(_ next: @escaping @Sendable () -> Piece?, _ work: @escaping @Sendable (Piece) -> Void) {
    repeat {
      state.update { $0 = State() }
      let thread = NativeThread { self.take(next, work) }
      if isWanted { watch(thread) }
      thread.join()
    } while state.update { $0.hasSteppedBack && !$0.hasEnded }
  }

  /// The thread of the piece at work steps back, with those that it starts from now on; for that thread to call.
  public func stepBack() {
    guard isWanted else { return }
    Self.lower()
    state.update { $0.hasSteppedBack = true }
  }

  private static func lower() { _ = setpriority(process, 0, niceness) }

  private func take<Piece>(_ next: () -> Piece?, _ work: (Piece) -> Void) {
    while let piece = next() {
      state.update { $0.begun = Clock.processorTimeOfThread }
      work(piece)
      let isBack = state.update { state in
        state.begun = nil
        return state.hasSteppedBack
      }
      if isBack { return }
    }
    state.update { $0.hasEnded = true }
  }

  /// Sleeps between pieces, and looks at the thread's processor time during one.
  private func watch(_ thread: NativeThread) {
    while true {
      let begun = state.wait { state -> UInt64?? in
        state.hasEnded || state.hasSteppedBack ? .some(nil) : state.begun.map { .some($0) }
      }
      guard let begun else { return }
      let isOver = state.wait(before: Clock.now + Self.interval) {
        $0.begun == begun && !$0.hasSteppedBack ? nil : true
      }
      guard isOver == nil, thread.processorTime > begun + budget else { continue }
      thread.signal(SIGUSR1)
      return state.update { $0.hasSteppedBack = true }
    }
  }
}
