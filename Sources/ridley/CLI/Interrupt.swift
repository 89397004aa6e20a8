import Glibc
import Isolation
import Synchronization

/// Notices Ctrl-C and `kill`: the first asks for a clean end, the second ends at once.
///
/// A child process hears of it through the board.
enum Interrupt {
  private static let asked = Atomic<Bool>(false)

  static var isAsked: Bool { asked.load(ordering: .relaxed) || SharedFlags.isStopAsked }

  static func watch() { listen(to: [SIGINT, SIGTERM], by: noticeInterrupt) }

  /// For the first process of a container, which the system does not end by these signals unless it listens.
  static func listenAsFirst() {
    guard getpid() == 1 else { return }
    listen(to: [SIGINT, SIGTERM, SIGHUP, SIGQUIT], by: endAtOnce)
  }

  /// Some parents start their children with every signal blocked; these are always listened to.
  private static func listen(to numbers: [Int32], by handler: @convention(c) (Int32) -> Void) {
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in numbers {
      signal(number, handler)
      sigaddset(&wanted, number)
    }
    sigprocmask(SIG_UNBLOCK, &wanted, nil)
  }

  fileprivate static func notice(_ number: Int32) {
    asked.store(true, ordering: .relaxed)
    signal(number, getpid() == 1 ? endAtOnce : SIG_DFL)
  }
}

/// Called by the system, on whatever thread runs; touches one atomic and a system call that is safe there.
@c private func noticeInterrupt(_ number: Int32) { Interrupt.notice(number) }

/// Called by the system; ends as the signal would.
@c private func endAtOnce(_ number: Int32) { _exit(128 + number) }
