internal import Glibc

/// How much memory there is for this process and all beside it.
public enum MachineMemory {
  /// Bytes of the machine, or of the container (control group) where that has less.
  public static var byteCount: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return limits(of: text("/proc/self/cgroup") ?? "", read: text).reduce(machine, min)
  }

  /// What the control groups named in `/proc/self/cgroup` allow, in both versions; inside a container its own group is the root.
  static func limits(of groups: String, read: (String) -> String?) -> [Int] {
    var files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      var path = parts[2].split(separator: "/")
      let isOld = parts[1].split(separator: ",").contains("memory")
      guard isOld || parts[1].isEmpty else { continue }
      // A group has no more than those it lies in.
      while !path.isEmpty {
        let folder = path.joined(separator: "/")
        files.append(
          isOld ? "/sys/fs/cgroup/memory/\(folder)/memory.limit_in_bytes" : "/sys/fs/cgroup/\(folder)/memory.max")
        path.removeLast()
      }
    }
    return files.compactMap { read($0).flatMap { Int($0.prefix { $0.isNumber }) } }.filter { $0 > 0 }
  }

  private static func text(_ path: String) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}
