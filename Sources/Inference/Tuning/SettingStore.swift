public import Base

/// Settings that were tuned on this machine, one small file each.
///
/// What cannot be read, or is another machine's, counts as not there: a setting is only ever a matter of speed.
public struct SettingStore: Sendable {
  private let folder: String
  private let machine: String

  /// `machine` is what a setting holds for; another processor, number of cores or engine is another machine.
  public init(folder: String, machine: String = SettingStore.thisMachine) {
    (self.folder, self.machine) = (folder, machine)
  }

  public static var thisMachine: String { "\(Processor.name), \(Processor.count) cores, OpenVINO \(Engine.version)" }

  /// The setting kept for a network, given by its digest, on a device.
  public func find(_ network: String, device: String, precision: Precision) -> Setting? {
    guard let bytes = try? FileSystem.read(path(network, device, precision), limit: 4096) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count == 8, Array(lines.prefix(5)) == head(network, device, precision) else { return nil }
    let numbers = zip(["streams ", "threads ", "batch "], lines[5...]).compactMap { name, line in
      line.hasPrefix(name) ? Int(line.dropFirst(name.count)) : nil
    }
    guard numbers.count == 3, numbers.allSatisfy({ (1...256).contains($0) }) else { return nil }
    return Setting(precision: precision, streams: numbers[0], threads: numbers[1], batch: numbers[2])
  }

  /// Keeps a setting, in place of the one before.
  public func keep(_ setting: Setting, for network: String, device: String) throws(Fault) {
    try FileSystem.makeFolder(folder)
    let lines =
      head(network, device, setting.precision)
      + ["streams \(setting.streams)", "threads \(setting.threads)", "batch \(setting.batch)"]
    let text = lines.map { $0 + "\n" }.joined()
    try FileSystem.write(Array(text.utf8), to: path(network, device, setting.precision), isDurable: true)
  }

  private func head(_ network: String, _ device: String, _ precision: Precision) -> [String] {
    [
      "ridley setting 1", "network \(network)", "machine \(machine)", "device \(device)",
      "precision \(precision.rawValue)",
    ]
  }

  private func path(_ network: String, _ device: String, _ precision: Precision) -> String {
    let name = "\(network)-\(device)-\(precision.rawValue)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(folder)/\(String(name)).txt"
  }
}
