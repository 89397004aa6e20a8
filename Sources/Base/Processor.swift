internal import CProgram
internal import Glibc

/// The machine's cores, as far as this process may use them.
public enum Processor {
  public static let count = {
    let online = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return max(1, allowed > 0 ? min(online, allowed) : online)
  }()

  /// How many of them this thread may use; 0 where the system does not tell.
  static var allowed: Int { Int(ridley_core_count()) }

  /// Has this process, and what it starts from now on, run on so many of the cores that it may use, the last of them.
  ///
  /// Before anything asks for ``count``, and before there are threads, each of which has its own. False where the system does not do it.
  public static func keep(to cores: Int) -> Bool { ridley_keep_to_cores(Int32(clamping: max(1, cores))) == 0 }

  /// What its maker calls it, such as `AMD EPYC 9355`; where the system does not say, the kind of machine.
  public static let name: String = {
    let lines = String(decoding: (try? FileSystem.read("/proc/cpuinfo")) ?? [], as: UTF8.self).split(separator: "\n")
    if let line = lines.first(where: { $0.hasPrefix("model name") }), let colon = line.firstIndex(of: ":") {
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    #if arch(arm64)
      return "arm64"
    #else
      return "x86-64"
    #endif
  }()
}
