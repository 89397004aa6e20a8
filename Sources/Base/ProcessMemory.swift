/// Memory that is a process's own: no file's, and shared with no other process.
public struct ProcessMemory: Sendable, Hashable {
  /// Bytes that it has now.
  public var bytes = 0
  /// Bytes that it had at the most since its program began.
  public var mostBytes = 0

  /// Of this process; zeros where the system does not tell.
  public static var now: ProcessMemory {
    ProcessMemory(status: String(decoding: (try? FileSystem.read("/proc/self/status")) ?? [], as: UTF8.self))
  }

  /// As `/proc/PID/status` has it, in KiB: what is a file's now counts as if it had been there at the highest moment too.
  init(status: String) {
    var values: [Substring: Int] = [:]
    for line in status.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count == 3, words[2] == "kB", let value = Int(words[1]) else { continue }
      values[words[0]] = value << 10
    }
    bytes = values["RssAnon:"] ?? 0
    let shared = (values["RssFile:"] ?? 0) + (values["RssShmem:"] ?? 0)
    mostBytes = max(bytes, (values["VmHWM:"] ?? 0) - shared)
  }
}
