public import Base
internal import CProcess
internal import Glibc
internal import Synchronization

/// A child process that runs a program of its own, and the parent's end of the channel to it.
///
/// For programs that have threads and cannot fork. The child inherits nothing but its end of the channel: no other descriptor, of
/// the environment only what sanitizers, loaders and the clock need, no terminal, no signal that is blocked.
public final class SpawnedProcess: Sendable {
  public let id: Int32
  public let channel: MessageChannel
  private let ending = Mutex<ChildProcess.Ending?>(nil)

  /// Where a child finds its end of the channel.
  static let channelPlace: Int32 = 3

  /// Starts `program`, or this program once more, and does not wait until it runs.
  ///
  /// Any thread may start one: a child ends with the thread that made it, so one thread that never ends makes them all. One that is
  /// `trusted` opens nothing foreign itself: it has the parent's environment, and complains where the parent does.
  public init(program: String? = nil, arguments: [String], isTrusted: Bool = false) throws(Fault) {
    var ends: [Int32] = [-1, -1]
    guard unsafe ridley_channel(&ends) == 0 else { throw Fault(.unavailable, "there are no file descriptors left") }
    let channel = MessageChannel(ends[0], isParent: true)
    let (childEnd, words) = (ends[1], [program ?? "ridley"] + arguments)
    defer { close(childEnd) }
    // What the system does not tell is not there either, and refused as such.
    let path = program ?? ProgramStart.itself ?? "/proc/self/exe"
    let result = Spawner.shared.perform { Self.spawn(path, words, childEnd, isTrusted: isTrusted) }
    guard result.error == 0 else {
      throw Fault(
        .unavailable, "a process of \(program ?? "this program") cannot be started",
        cause: unsafe String(cString: strerror(result.error)))
    }
    (id, self.channel) = (result.id, channel)
  }

  deinit { _ = end() }

  /// Ends it at once, from any thread, whatever it is doing.
  public func kill() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(id, SIGKILL) } }
  }

  /// Asks it to end in good order.
  public func terminate() {
    ending.withLock { if $0 == nil { _ = Glibc.kill(id, SIGTERM) } }
  }

  /// It has ended, by itself or because it was told to; costs a system call.
  public var hasEnded: Bool {
    ending.withLock { ending in
      if ending != nil { return true }
      var info = unsafe siginfo_t()
      // Takes nothing back: that is for the question how it ended.
      let status = unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT)
      return unsafe status == 0 && info._sifields._sigchld.si_pid == id
    }
  }

  /// Ends it, unless it has ended by itself, and tells how it ended.
  public func end() -> ChildProcess.Ending {
    if let known = ending.withLock({ $0 }) { return known }
    kill()
    // Waits without taking the number back, so that `kill` never meets a stranger of the same number.
    var info = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    return ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
      let now = ChildProcess.Ending(status: status)
      ending = now
      return now
    }
  }

  /// On the thread that never ends.
  private static func spawn(
    _ program: String, _ words: [String], _ channel: Int32, isTrusted: Bool
  ) -> (id: Int32, error: Int32) {
    var (actions, attributes) = unsafe (posix_spawn_file_actions_t(), posix_spawnattr_t())
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, channel, channelPlace)
    for place in isTrusted || ownsTerminal ? [0, 1] : [0, 1, 2] {
      unsafe posix_spawn_file_actions_addopen(&actions, Int32(place), "/dev/null", O_RDWR, 0)
    }
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, channelPlace + 1)
    // A group of its own, so that Ctrl-C in the parent's terminal is the parent's to answer.
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    return unsafe withCStrings(words) { arguments in
      unsafe withCStrings(isTrusted ? wholeEnvironment : environment) { environment in
        var id: pid_t = 0
        let error = unsafe posix_spawn(&id, program, &actions, &attributes, arguments, environment)
        return (id, error)
      }
    }
  }

  /// What a child prints is not read, unless a developer wants to.
  private static var ownsTerminal: Bool { unsafe getenv("RIDLEY_DEBUG") != nil }

  /// No secret of the parent's; its clock, as children tell the time of day too.
  private static var environment: [String] {
    let names = [
      "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "TBB_ENABLE_SANITIZERS", "RIDLEY_DEBUG", Clock.offsetVariable,
    ]
    return names.compactMap { (name: String) -> String? in
      guard let value = unsafe getenv(name) else { return nil }
      return unsafe "\(name)=\(String(cString: value))"
    }
  }

  private static var wholeEnvironment: [String] {
    var texts: [String] = []
    while let text = unsafe environ[texts.count] { unsafe texts.append(String(cString: text)) }
    return texts
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
  }
}

/// The thread that makes all children, and lives as long as the program.
private final class Spawner: Sendable {
  static let shared = Spawner()

  private let jobs = Monitor<[@Sendable () -> Void]>([])

  private init() {
    NativeThread { [jobs] in
      while true { jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }() }
    }.leave()
  }

  func perform<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let answer = Monitor<Result?>(nil)
    jobs.update {
      $0.append {
        let result = body()
        answer.update { $0 = result }
      }
    }
    return answer.wait { $0 }
  }
}
