/// What the machine tells of how it goes; what it does not tell is left out.
public struct MachineFigures: Sendable, Hashable {
  /// Processes that ran or waited to, over one, five and fifteen minutes; empty where that is not told.
  public var load: [Double] = []
  /// Bytes of memory in all, and those that could be had now.
  public var (memoryBytes, availableBytes): (Int?, Int?)
  /// Degrees Celsius of its warmest part.
  public var temperature: Double?
  /// Seconds since it was started.
  public var uptime: Double?

  /// Of this machine.
  public static var now: MachineFigures { MachineFigures(root: "") }

  /// By the files of a system below `root`, as `/proc` and `/sys` have them.
  init(root: String) {
    let text = { (path: String) in
      String(decoding: (try? FileSystem.read(root + path, limit: 1 << 16)) ?? [], as: UTF8.self)
    }
    let loads = text("/proc/loadavg").split(separator: " ").prefix(3).compactMap { Double($0) }
    load = loads.count == 3 ? loads : []
    uptime = text("/proc/uptime").split(separator: " ").first.flatMap { Double($0) }
    for line in text("/proc/meminfo").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let value = Int(words[1]) else { continue }
      if words[0] == "MemTotal:" { memoryBytes = value << 10 }
      if words[0] == "MemAvailable:" { availableBytes = value << 10 }
    }
    let zones = "/sys/class/thermal"
    let names = (try? FileSystem.list(root + zones)) ?? []
    let warmth = names.filter { $0.hasPrefix("thermal_zone") }
      .compactMap { Int(text("\(zones)/\($0)/temp").prefix { $0 == "-" || $0.isNumber }) }
      .map { Double($0) / 1000 }
    // A sensor that is not there says nonsense.
    temperature = warmth.filter { (-60...150).contains($0) }.max()
  }
}
