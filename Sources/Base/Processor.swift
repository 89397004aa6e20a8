internal import Glibc

/// The machine's cores, as far as this process may use them.
public enum Processor {
  public static let count = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

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
