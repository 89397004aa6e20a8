internal import Base
internal import Inference

/// One model on the devices that it was given.
enum DeviceLanes {
  /// Compiles for each of them; what does not run on one is left to the others, with a note, and to the processor where none is left.
  ///
  /// `make` compiles for one device.
  static func compile(
    _ options: LoadOptions, _ make: (LoadOptions) throws(Fault) -> CompiledNetwork
  ) throws(Fault) -> CompiledNetwork {
    let devices = try Devices(text: options.device)
    guard devices != .cpu else { return try make(options) }
    func compile(for device: Device) throws(Fault) -> CompiledNetwork {
      var single = options
      single.device = device.name
      return try make(single)
    }
    var (made, notes): ([CompiledNetwork], [String]) = ([], [])
    for device in devices.list where !devices.isChoice || made.isEmpty {
      do throws(Fault) { made.append(try compile(for: device)) } catch {
        let mayMissOut = options.fallsBack || devices.isChoice
        guard device != .cpu, mayMissOut, error.kind == .unsupported || error.kind == .unavailable else { throw error }
        notes.append("it does not run on \(device.name): \(error.message)")
      }
    }
    if made.isEmpty {
      made = [try compile(for: .cpu)]
      notes[notes.count - 1] += "; it runs on the CPU"
    }
    return CompiledNetwork(together: made, notes: devices.isChoice ? [] : notes)
  }
}
