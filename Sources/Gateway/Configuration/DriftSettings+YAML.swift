internal import Base
internal import Drift
internal import YAML

/// How it is watched whether streams drift, as the configuration has it: `off`, or what is other than usual.
extension DriftSettings {
  private enum Key: String, CaseIterable { case every, window, learn, rhythm, windows, enter, leave, evidence }
  private enum Switch: String, CaseIterable { case on, off }
  private enum Rhythm: String, CaseIterable { case day, none }

  init(_ value: YAMLValue) throws(Fault) {
    self.init()
    guard case .map = value.node.kind else {
      isOn = try value.choice(of: Switch.self) == .on
      return
    }
    let fields = try value.fields(Key.self)
    if let value = fields[.every] { every = try value.seconds(in: 0.1...3600) }
    if let value = fields[.window] { window = try value.seconds(in: 1...86_400) }
    if let value = fields[.learn] { learn = try value.age() }
    if let value = fields[.rhythm] { isDaily = try value.choice(of: Rhythm.self) == .day }
    if let value = fields[.windows] { windows = try value.wholeNumber(in: 1...1000, example: 3) }
    if let value = fields[.enter] { enter = Double(try value.number(example: "0.25")) }
    if let value = fields[.leave] { leave = Double(try value.number(example: "0.1")) }
    if let value = fields[.evidence] { evidence = try value.wholeNumber(in: 10...1_000_000, example: 100) }
    do throws(Fault) { try check() } catch { throw value.fault(error.message) }
  }
}
