import Glibc
import Isolation
import Synchronization

/// Notices Ctrl-C and `kill`: the first asks for a clean end, the second ends at once.
///
/// A child process hears of it through the board.
enum Interrupt {
  private static let asked = Atomic<Bool>(false)

  static var isAsked: Bool { asked.load(ordering: .relaxed) || SharedFlags.isStopAsked }

  static func watch() {
    // Some parents start their children with every signal blocked; these two are always listened to.
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in [SIGINT, SIGTERM] {
      signal(number, noticeInterrupt)
      sigaddset(&wanted, number)
    }
    sigprocmask(SIG_UNBLOCK, &wanted, nil)
  }

  fileprivate static func notice(_ number: Int32) {
    asked.store(true, ordering: .relaxed)
    signal(number, SIG_DFL)
  }
}

/// Called by the system, on whatever thread runs; touches one atomic and a system call that is safe there.
@c private func noticeInterrupt(_ number: Int32) { Interrupt.notice(number) }
