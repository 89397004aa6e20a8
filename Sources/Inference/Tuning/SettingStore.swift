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
  public func find(_ network: String, device: String, _ computation: Computation) -> Setting? {
    guard let bytes = try? FileSystem.read(path(network, device, computation), limit: 4096) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    let head = head(network, device, computation)
    guard lines.count == head.count + 3, lines.starts(with: head) else { return nil }
    let numbers = zip(["streams ", "threads ", "batch "], lines[head.count...]).compactMap { name, line in
      line.hasPrefix(name) ? Int(line.dropFirst(name.count)) : nil
    }
    guard numbers.count == 3, numbers.allSatisfy({ (1...256).contains($0) }) else { return nil }
    return Setting(computation, streams: numbers[0], threads: numbers[1], batch: numbers[2])
  }

  /// Keeps a setting, in place of the one before.
  public func keep(_ setting: Setting, for network: String, device: String) throws(Fault) {
    try FileSystem.makeFolder(folder)
    let lines =
      head(network, device, setting.computation)
      + ["streams \(setting.streams)", "threads \(setting.threads)", "batch \(setting.batch)"]
    let text = lines.map { $0 + "\n" }.joined()
    try FileSystem.write(Array(text.utf8), to: path(network, device, setting.computation), isDurable: true)
  }

  private func head(_ network: String, _ device: String, _ computation: Computation) -> [String] {
    [
      "ridley setting 2", "network \(network)", "machine \(machine)", "device \(device)",
      "computation \(computation.text)",
    ]
  }

  private func path(_ network: String, _ device: String, _ computation: Computation) -> String {
    let name = "\(network)-\(device)-\(computation.text)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(folder)/\(String(name)).txt"
  }
}
