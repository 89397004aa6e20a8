import Glibc

/// SIGINT and SIGTERM, which ask a server to end in good order.
struct EndSignals {
  private var signals = sigset_t()

  /// Threads that are made from now on leave these signals to the one that waits for them.
  init() {
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Blocks its thread until one of them comes; `then` runs once on it when `isReached` first holds, which is asked fifty times a second.
  func wait(until isReached: () -> Bool, then: () -> Void) {
    var wanted = signals
    while !isReached() {
      var pause = timespec(tv_sec: 0, tv_nsec: 20_000_000)
      if sigtimedwait(&wanted, nil, &pause) > 0 { return }
    }
    then()
    var number: Int32 = 0
    sigwait(&wanted, &number)
  }

  /// The next one ends the process.
  func endAtOnceFromNowOn() {
    var wanted = signals
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
  }
}
