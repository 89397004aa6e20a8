internal import Glibc

/// What the process has used so far, as the system counts it.
public struct ProcessFigures: Sendable, Hashable {
  /// User and system time of all threads.
  public var cpuSeconds = 0.0
  public var residentBytes = 0
  public var threads = 0
  public var openFiles = 0

  /// As it is now; zeros where the system does not tell.
  public static var now: ProcessFigures {
    var figures = ProcessFigures()
    var usage = rusage()
    if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
      figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
    let words = { (path: String) in
      String(decoding: (try? FileSystem.read(path, limit: 1 << 16)) ?? [], as: UTF8.self).split(separator: " ")
    }
    let memory = words("/proc/self/statm")
    if memory.count > 1 { figures.residentBytes = (Int(memory[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) }
    figures.threads = (try? FileSystem.list("/proc/self/task").count) ?? 0
    figures.openFiles = (try? FileSystem.list("/proc/self/fd").count) ?? 0
    return figures
  }
}
