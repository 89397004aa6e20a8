internal import CProcess
internal import Glibc

/// Closes what a process that only computes does not need: files, network, other processes, new code.
public enum Sandbox {
  /// What the kernel could close.
  public struct Report: Sendable, Hashable {
    /// System calls are filtered, by seccomp.
    public var filtersCalls: Bool
    /// The version of Landlock, which closes files and, from 4 on, connections; 0 where the kernel has none.
    public var landlock: Int

    public init(filtersCalls: Bool, landlock: Int) { (self.filtersCalls, self.landlock) = (filtersCalls, landlock) }

    /// What stays open, for a log; `nil` where nothing does.
    public var warning: String? {
      switch (filtersCalls, landlock) {
      case (true, 1...): nil
      case (true, _): "the kernel has no Landlock, so files and network are closed to decoders by seccomp alone"
      case (false, 4...): "the kernel has no seccomp, so decoders are kept from files and network by Landlock alone"
      case (false, _): "the kernel has no seccomp, so a decoder that is broken into can reach the network"
      }
    }
  }

  /// For this process and for ever.
  ///
  /// What was opened before stays usable.
  public static func enter() -> Report {
    var report = Report(filtersCalls: false, landlock: 0)
    guard ridley_gain_nothing() == 0 else { return report }
    let version = ridley_landlock_version()
    if version > 0, ridley_landlock(version) == 0 { report.landlock = Int(version) }
    var filter = SystemCallFilter(process: getpid())
    report.filtersCalls = filter.install()
    return report
  }

  /// For a process that needs files and new code: it changes files below `folder` alone, runs no program and connects nowhere.
  ///
  /// Before there are threads, and for ever; false where the kernel cannot do it.
  public static func enter(writingBelow folder: String?) -> Bool {
    let version = ridley_landlock_version()
    guard version > 0, ridley_gain_nothing() == 0 else { return false }
    let place = folder.map { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } ?? -1
    defer { if place >= 0 { close(place) } }
    return ridley_landlock_writes(version, place) == 0
  }

  /// Tries what a decoder never needs, and names what was possible: for tests, from inside.
  public static func openDoors() -> [String] {
    var open: [String] = []
    let tries: [(String, () -> Bool)] = [
      ("open a file", { unsafe Glibc.open("/etc/passwd", O_RDONLY) >= 0 }),
      ("make a file", { unsafe Glibc.open("/tmp/ridley-sandbox-probe", O_WRONLY | O_CREAT, 0o600) >= 0 }),
      ("list a folder", { unsafe opendir("/") != nil }),
      ("open a socket", { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0 }),
      ("open a local socket", { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) >= 0 }),
      ("signal its parent", { kill(getppid(), 0) == 0 }),
      ("make a process", { ridley_can_fork() != 0 }),
      ("run a program", { ridley_can_run() != 0 }),
      ("make code", { ridley_can_make_code() != 0 }),
      ("look into its parent", { ridley_can_trace(getppid()) != 0 }),
      ("make memory without limit", { ridley_memory_file() >= 0 }),
    ]
    for (name, works) in tries where works() { open.append(name) }
    return open
  }
}
