import Base
import Planning
import TestKit
import Testing

struct PriceFileTests {
  private func read(_ text: String) throws(Fault) -> PriceFile {
    try PriceFile(bytes: Array(text.utf8), name: "p.yaml")
  }

  @Test func `a price file is read in full precision`() throws {
    let file = try read(
      """
      currency: USD
      machines:
        - {name: vm, about: "a machine", hour: 0.9, cores: 4}
        - {name: fn, second: 0.00002501, step: 100ms, request: 2e-7, gb-second: 0.0000166667, cpu-second: 0}
      profiles:
        - {name: small, seconds: 5m, memory: 1GiB, disk: 512MiB, cores: 0.5, copies: true, loads: true, target: 30s}
      """)
    #expect(file.currency == "USD" && file.machines.count == 2)
    let machine = try file.machine("fn")
    #expect(machine.second == 0.000_025_01 && machine.step == 0.1 && machine.request == 2e-7)
    #expect(try file.machine("vm").cores == 4)
    let profile = try file.profile("small")
    #expect(profile.seconds == 300 && profile.memoryBytes == 1 << 30 && profile.diskBytes == 512 << 20)
    #expect(profile.cores == 0.5 && profile.copiesObjects && profile.loadsEachTask && profile.target == 30)
    #expect(try file.profile("lambda") == .lambda)
    #expect(
      throws: Fault(.notFound, "there is no machine 'fm' in the price file (did you mean 'fn'?), expected vm, fn")
    ) {
      try file.machine("fm")
    }
  }

  @Test func `everything that is wrong is told at once, with line and column`() throws {
    let text = """
      currency: USD
      machines:
        - {name: vm, hour: cheap}
        - {name: vm, huor: 1}
        - {name: x, hour: -1}
        - {name: y}
      compare:
        - {work: a, machine: vn, image: 1s}
        - {work: a, machine: vm, image: 1}
      profiles:
        - {name: edge, memory: 5}
      """
    do throws(Fault) {
      _ = try read(text)
      #expect(Bool(false), "this is no price file")
    } catch {
      for part in [
        "p.yaml:3:22: 'cheap' is not a number for hour", "p.yaml:4:5: there is a machine 'vm' already",
        "p.yaml:4:16: unknown key 'huor'", "p.yaml:5:21: -1 is out of range for hour", "p.yaml:6:5: 'y' has no price",
        "p.yaml:8:24: there is no machine 'vn'", "p.yaml:9:35: '1' is not a time for image",
        "p.yaml:11:26: '5' is not a size", "p.yaml:11:5: there is a profile 'edge' already",
      ] {
        #expect(error.message.contains(part), "\(part) is not told: \(error.message)")
      }
    }
    #expect(throws: Fault.self) { try read("machines: []") }
    #expect(throws: Fault.self) { try read("currency: USD") }
    #expect(throws: Fault.self) { try read("[1]") }
  }

  @Test func `seconds that are begun are paid in full`() {
    var machine = MachinePrice(name: "fn")
    (machine.second, machine.step) = (1, 0.1)
    for (seconds, billed) in [(0.0, 0.0), (0.05, 0.1), (0.1, 0.1), (0.3, 0.3), (5, 5), (5.001, 5.1)] {
      #expect((machine.billed(seconds) - billed).magnitude < 1e-9)
    }
    machine.step = 0
    #expect(machine.billed(0.123) == 0.123)
  }

  @Test func `a busy machine by the hour costs as much as use of another where utilisation is at the break-even`()
    throws
  {
    var random = SeededRandom(5)
    for _ in 0..<200 {
      var (vm, fn) = (MachinePrice(name: "vm"), MachinePrice(name: "fn"))
      vm.hour = Double.random(in: 0.01...9, using: &random)
      fn.second = Double.random(in: 1e-6...1e-3, using: &random)
      fn.request = Double.random(in: 0...1e-5, using: &random)
      let a = ImageCost("x", on: "a", machine: vm, seconds: Double.random(in: 0.01...2, using: &random))
      let b = ImageCost("x", on: "b", machine: fn, seconds: Double.random(in: 0.01...20, using: &random))
      let share = a.breakEven(with: b)
      #expect((a.money(utilisation: share) / b.money() - 1).magnitude < 1e-9)
    }
  }
}
