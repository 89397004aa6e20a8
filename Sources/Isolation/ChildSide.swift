internal import CProcess
internal import Glibc

/// The child's first steps in a process that ``SpawnedProcess`` started.
public enum ChildSide {
  /// The child's end of the channel; `nil` where this process was not started so.
  ///
  /// From then on the process ignores what only its parent should hear of, and crashes without a word. Once.
  public static func channel() -> MessageChannel? {
    var info = stat()
    guard unsafe fstat(SpawnedProcess.channelPlace, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK else { return nil }
    ProcessLimits.leaveEndingToParent()
    ProcessLimits.crashSilently()
    return MessageChannel(SpawnedProcess.channelPlace, isParent: false)
  }

  /// Ends with its parent, or before it where memory runs out, and asks for no more than so many bytes of private memory beyond what it has.
  public static func limit(parent: Int32, memory: Int) {
    ProcessLimits.endWithParent(parent)
    ProcessLimits.endFirst()
    ProcessLimits.limit(memory: ProcessLimits.memoryAsked + memory)
  }

  /// Where the machine runs out of memory, this process is ended before the one that started it.
  public static func endFirstWithoutMemory() {
    let file = unsafe open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = unsafe write(file, "500", 3)
  }

  /// The number of this process, by which a child knows its parent.
  public static var ownID: Int32 { getpid() }
}
