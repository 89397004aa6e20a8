public import Base
internal import CProcess
internal import Glibc

/// Keeps one process at work: starts it again when it crashes.
public enum Supervisor {
  /// Runs `work` in a child process until it returns, which ends the parent with the same code.
  ///
  /// Call it before there are threads. SIGINT and SIGTERM go on to the child, which decides what they mean; a crash is told to
  /// `told` with the signal's name and the seconds until the next start: at once, and after 1, 2, 4 … 32 s where it crashes within
  /// half a minute again. A child whose parent is killed ends with it.
  public static func run(
    told: (_ crash: String, _ pause: Int) -> Void, work: () -> Int32
  ) throws(Fault) -> Int32 {
    CrashJournal.prepare()
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGCHLD] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    var crashes = 0
    while true {
      let started = Clock.now
      let child = try start(work)
      let status = wait(for: child, &signals)
      guard ridley_exited(status) == 0 else { return ridley_exit_code(status) }
      let number = ridley_end_signal(status)
      // Killed on purpose, or by Ctrl-C twice.
      if number == SIGINT || number == SIGTERM { return 128 + number }
      CrashJournal.recordCrash(isFromOutside: number == SIGKILL)
      crashes = Clock.now - started < 30_000_000_000 ? crashes + 1 : 1
      let pause = crashes == 1 ? 0 : 1 << min(5, crashes - 2)
      told(unsafe String(cString: strsignal(number)), pause)
      if pause > 0, isAskedToEnd(within: pause, &signals) { return 128 + SIGTERM }
    }
  }

  private static func start(_ work: () -> Int32) throws(Fault) -> pid_t {
    let parent = getpid()
    let child = fork()
    guard child >= 0 else { throw Fault(.exhausted, "the system makes no more processes") }
    guard child == 0 else { return child }
    ProcessLimits.endWithParent(parent)
    ProcessLimits.crashSilently()
    var children = sigset_t()
    unsafe sigemptyset(&children)
    unsafe sigaddset(&children, SIGCHLD)
    unsafe pthread_sigmask(SIG_UNBLOCK, &children, nil)
    exit(work())
  }

  /// Passes signals on until the child has ended; gives what waitpid says.
  private static func wait(for child: pid_t, _ signals: inout sigset_t) -> Int32 {
    while true {
      var number: Int32 = 0
      unsafe sigwait(&signals, &number)
      if number != SIGCHLD { kill(child, number) }
      var status: Int32 = 0
      if unsafe waitpid(child, &status, WNOHANG) == child { return status }
    }
  }

  private static func isAskedToEnd(within seconds: Int, _ signals: inout sigset_t) -> Bool {
    var wanted = signals
    unsafe sigdelset(&wanted, SIGCHLD)
    var time = timespec(tv_sec: seconds, tv_nsec: 0)
    return unsafe sigtimedwait(&wanted, nil, &time) > 0
  }
}
