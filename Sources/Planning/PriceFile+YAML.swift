public import Base
internal import YAML

extension PriceFile {
  private enum Key: String, CaseIterable { case currency, machines, compare, profiles }
  private enum MachineKey: String, CaseIterable {
    case name, about, hour, cores, second, step, request
    case cpuSecond = "cpu-second"
    case gbSecond = "gb-second"
  }
  private enum CompareKey: String, CaseIterable {
    case work, machine, image
    case atOnce = "at-once"
  }
  private enum ProfileKey: String, CaseIterable { case name, seconds, memory, disk, cores, copies, loads, target }

  /// Reads a price file; one fault tells everything that is wrong with it, each with line and column.
  public init(bytes: [UInt8], name: String) throws(Fault) {
    let root = try YAMLDocument.parse(bytes, name: name).value("the price file")
    var diagnostics = Diagnostics(document: name)
    let fields = DiagnosticFields<Key>(root, &diagnostics)
    currency = fields.required(.currency, &diagnostics) { (value) throws(Fault) in try value.word() } ?? ""
    (machines, comparisons, profiles) = ([], [], [])
    for value in Self.items(fields[.machines], &diagnostics) {
      let machine = Self.machine(value, &diagnostics)
      if machines.contains(where: { $0.name == machine.name }) {
        diagnostics.add(value, "there is a machine '\(machine.name)' already")
      }
      machines.append(machine)
    }
    if fields.isGroup, fields[.machines] == nil {
      diagnostics.add(root, "the key 'machines' is missing in the price file")
    }
    for value in Self.items(fields[.compare], &diagnostics) {
      if let comparison = Self.comparison(value, machines, &diagnostics) { comparisons.append(comparison) }
    }
    for value in Self.items(fields[.profiles], &diagnostics) {
      let profile = Self.profile(value, &diagnostics)
      if (profiles + TaskProfile.known).contains(where: { $0.name == profile.name }) {
        diagnostics.add(value, "there is a profile '\(profile.name)' already")
      }
      profiles.append(profile)
    }
    if let fault = diagnostics.fault { throw fault }
  }

  private static func items(_ value: YAMLValue?, _ diagnostics: inout Diagnostics) -> [YAMLValue] {
    value.flatMap { diagnostics.attempt($0) { (value) throws(Fault) in try value.items() } } ?? []
  }

  private static func machine(_ value: YAMLValue, _ diagnostics: inout Diagnostics) -> MachinePrice {
    let fields = DiagnosticFields<MachineKey>(value, &diagnostics)
    let name = fields.required(.name, &diagnostics) { (value) throws(Fault) in try value.word() }
    var machine = MachinePrice(name: name ?? "")
    fields.set(&machine.about, .about, &diagnostics) { (value) throws(Fault) in try value.text() }
    let money = { (value: YAMLValue) throws(Fault) -> Double in try value.decimal(in: 0...1e9) }
    fields.set(&machine.hour, .hour, &diagnostics, money)
    fields.set(&machine.second, .second, &diagnostics, money)
    fields.set(&machine.cpuSecond, .cpuSecond, &diagnostics, money)
    fields.set(&machine.gbSecond, .gbSecond, &diagnostics, money)
    fields.set(&machine.request, .request, &diagnostics, money)
    fields.set(&machine.cores, .cores, &diagnostics) { (value) throws(Fault) in try value.decimal(in: 0.01...4096) }
    fields.set(&machine.step, .step, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 0.001...3600) }
    let isFree = [MachineKey.hour, .second, .cpuSecond, .gbSecond, .request].allSatisfy { fields[$0] == nil }
    if isFree, fields.isGroup {
      let expected = "hour, second, cpu-second, gb-second or request"
      diagnostics.add(value, "'\(machine.name)' has no price: expected \(expected) (0 where it costs nothing)")
    }
    return machine
  }

  private static func comparison(
    _ value: YAMLValue, _ machines: [MachinePrice], _ diagnostics: inout Diagnostics
  ) -> ImageCost? {
    let fields = DiagnosticFields<CompareKey>(value, &diagnostics)
    let work = fields.required(.work, &diagnostics) { (value) throws(Fault) in try value.text() }
    let seconds = fields.required(.image, &diagnostics) { (value) throws(Fault) in
      try value.seconds(in: 0.000_001...86_400)
    }
    let atOnce = fields.value(.atOnce, &diagnostics) { (value) throws(Fault) in try value.decimal(in: 0.01...4096) }
    let machine = fields.required(.machine, &diagnostics) { (value) throws(Fault) -> MachinePrice in
      let name = try value.text()
      if let machine = machines.first(where: { $0.name == name }) { return machine }
      let hint = Suggestion.hint(for: name, among: machines.map(\.name))
      throw value.fault("there is no machine '\(name)' in this file\(hint)")
    }
    guard let work, let seconds, let machine else { return nil }
    let what = machine.about.isEmpty ? machine.name : machine.about
    var cost = ImageCost(work, on: what, machine: machine, seconds: seconds)
    cost.atOnce = atOnce ?? 1
    return cost
  }

  private static func profile(_ value: YAMLValue, _ diagnostics: inout Diagnostics) -> TaskProfile {
    let fields = DiagnosticFields<ProfileKey>(value, &diagnostics)
    let name = fields.required(.name, &diagnostics) { (value) throws(Fault) in try value.word() }
    var profile = TaskProfile(name: name ?? "")
    profile.seconds = fields.value(.seconds, &diagnostics) { (value) throws(Fault) in
      try value.seconds(in: 1...604_800)
    }
    profile.memoryBytes = fields.value(.memory, &diagnostics) { (value) throws(Fault) in
      try value.bytes(in: 1 << 20...1 << 50)
    }
    profile.diskBytes = fields.value(.disk, &diagnostics) { (value) throws(Fault) in
      try value.bytes(in: 1 << 20...1 << 60)
    }
    fields.set(&profile.cores, .cores, &diagnostics) { (value) throws(Fault) in try value.decimal(in: 0.01...4096) }
    fields.set(&profile.copiesObjects, .copies, &diagnostics) { (value) throws(Fault) in try value.flag() }
    fields.set(&profile.loadsEachTask, .loads, &diagnostics) { (value) throws(Fault) in try value.flag() }
    fields.set(&profile.target, .target, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 1...86_400) }
    return profile
  }
}

extension YAMLValue {
  /// A number in full precision, as money needs it.
  fileprivate func decimal(in range: ClosedRange<Double>) throws(Fault) -> Double {
    let text = try text()
    guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let number = Double(text), number.isFinite
    else {
      throw fault("'\(text)' is not a number for \(what), expected e.g. 0.9")
    }
    guard range.contains(number) else {
      throw fault("\(text) is out of range for \(what), expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A name: text that is not empty, on one line.
  fileprivate func word() throws(Fault) -> String {
    let text = try text()
    guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
      throw fault("\(what) must be a word on one line")
    }
    return text
  }
}
