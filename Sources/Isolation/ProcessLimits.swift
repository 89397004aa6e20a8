internal import CProcess
internal import Glibc

/// What a child process takes upon itself before it touches anything foreign.
enum ProcessLimits {
  /// Three quarters of the machine's memory, so that a greedy file ends its own process and no other.
  static var usualMemory: Int { MachineMemory.byteCount / 4 * 3 }

  /// Ends with the thread that made this process; at once where the parent is gone already.
  static func endWithParent(_ parent: pid_t) {
    _ = ridley_end_with_parent()
    guard getppid() == parent else { _exit(1) }
  }

  /// The parent notices these, and says when to end.
  static func leaveEndingToParent() { for number in [SIGINT, SIGTERM] { signal(number, SIG_IGN) } }

  /// The parent tells of a crash.
  ///
  /// Swift's own reporter prints pages in between, and sometimes hangs the process over it.
  static func crashSilently() {
    guard unsafe getenv("RIDLEY_DEBUG") == nil else { return }
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT] { signal(number, SIG_DFL) }
  }

  /// So many bytes of private memory; and no dumps of gigabytes after a crash, which is expected here.
  static func limit(memory: Int) {
    limit(RLIMIT_DATA, to: memory)
    limit(RLIMIT_CORE, to: 0)
  }

  /// Where memory runs out, the kernel ends this process before its parent.
  static func endFirst() {
    let file = unsafe open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = unsafe write(file, "1000", 4)
    close(file)
  }

  /// Bytes of private memory that were asked for so far, touched or not.
  static var memoryAsked: Int {
    // `statm`: whole, resident, shared, code, 0, data and stacks, 0; in pages.
    var bytes = [UInt8](repeating: 0, count: 256)
    let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    let count = unsafe read(file, &bytes, bytes.count)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    return words.count > 5 ? (Int(words[5]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }

  private static func limit(_ resource: __rlimit_resource, to value: Int) {
    var limits = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0 else { return }
    limits.rlim_cur = min(limits.rlim_max, rlim_t(value))
    _ = unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limits)
  }
}
