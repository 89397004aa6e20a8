public import Base
internal import CProcess
internal import Glibc

/// Keeps one process at work: starts it again when it crashes.
public enum Supervisor {
  /// Runs `work` in a child process until it returns, which ends the parent with the same code.
  ///
  /// Call it before there are threads. SIGINT, SIGTERM and SIGQUIT go on to the child, which decides what they mean, and is not started
  /// again after one of them; signals that a terminal or a pipe sends when it goes away are let pass. A crash is told to `told` with
  /// the signal's name and the seconds until the next start: at once, and after 1, 2, 4 … 32 s where it crashes within half a minute
  /// again. So is a start that fails after a crash; the very first one ends the parent. A child whose parent is killed ends with it.
  /// A child that ends with the code `leaving` ends the parent too, whatever came before.
  /// As the first process of a container it takes back what others leave behind.
  public static func run(
    leaving: Int32? = nil, told: (_ crash: String, _ pause: Int) -> Void, work: () -> Int32
  ) throws(Fault) -> Int32 {
    CrashJournal.prepare()
    for number in [SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGTTIN, SIGTTOU] { signal(number, SIG_IGN) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGQUIT, SIGCHLD] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    var crashes = 0
    while true {
      let started = Clock.now
      let crash: String
      if let child = start(work) {
        let (status, isAsked) = wait(for: child, &signals)
        if ridley_exited(status) != 0, ridley_exit_code(status) == leaving { return ridley_exit_code(status) }
        if let code = end(status, isAsked: isAsked, isFirst: crashes == 0) { return code }
        let isFromOutside = ridley_exited(status) != 0 || ridley_end_signal(status) == SIGKILL
        CrashJournal.recordCrash(isFromOutside: isFromOutside)
        crash = name(of: status)
      } else {
        crash = "the system makes no more processes"
        guard crashes > 0 else { throw Fault(.unavailable, crash) }
      }
      crashes = Clock.now - started < 30_000_000_000 ? crashes + 1 : 1
      let pause = crashes == 1 ? 0 : 1 << min(5, crashes - 2)
      told(crash, pause)
      if pause > 0, isAskedToEnd(within: pause, &signals) { return 128 + SIGTERM }
    }
  }

  /// With which code the parent ends after its child; `nil` where it is to be started again.
  private static func end(_ status: Int32, isAsked: Bool, isFirst: Bool) -> Int32? {
    if ridley_exited(status) != 0 {
      let code = ridley_exit_code(status)
      // What is wrong from the start on is for its caller to mend; what comes later may pass.
      return code == 0 || isAsked || isFirst ? code : nil
    }
    let number = ridley_end_signal(status)
    // Killed on purpose, or by Ctrl-C twice.
    return isAsked || number == SIGINT || number == SIGTERM ? 128 + number : nil
  }

  private static func name(of status: Int32) -> String {
    guard ridley_exited(status) == 0 else { return "it did not start and ended with code \(ridley_exit_code(status))" }
    return unsafe String(cString: strsignal(ridley_end_signal(status)))
  }

  /// The child's number; `nil` where the system makes none.
  private static func start(_ work: () -> Int32) -> pid_t? {
    let parent = getpid()
    let child = fork()
    guard child >= 0 else { return nil }
    guard child == 0 else { return child }
    ProcessLimits.endWithParent(parent)
    ProcessLimits.crashSilently()
    var others = sigset_t()
    unsafe sigemptyset(&others)
    for number in [SIGCHLD, SIGQUIT] { unsafe sigaddset(&others, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &others, nil)
    ChildProcess.leave(work())
  }

  /// Passes signals on until the child has ended; gives what waitpid says, and whether there was one.
  private static func wait(for child: pid_t, _ signals: inout sigset_t) -> (status: Int32, isAsked: Bool) {
    var isAsked = false
    while true {
      // Before waiting too: what ended before this began to listen sends no signal any more.
      if let status = reap(child) { return (status, isAsked) }
      var number: Int32 = 0
      unsafe sigwait(&signals, &number)
      if number != SIGCHLD {
        kill(child, number)
        isAsked = true
      }
    }
  }

  /// Takes back every process that has ended; how `child` ended, where it is one of them.
  ///
  /// The first process of a container inherits what a server that crashed leaves behind.
  private static func reap(_ child: pid_t) -> Int32? {
    var (status, found): (Int32, Int32?) = (0, nil)
    while true {
      let ended = unsafe waitpid(-1, &status, WNOHANG)
      if ended <= 0 { return found }
      if ended == child { found = status }
    }
  }

  private static func isAskedToEnd(within seconds: Int, _ signals: inout sigset_t) -> Bool {
    var wanted = signals
    unsafe sigdelset(&wanted, SIGCHLD)
    var time = timespec(tv_sec: seconds, tv_nsec: 0)
    return unsafe sigtimedwait(&wanted, nil, &time) > 0
  }
}
