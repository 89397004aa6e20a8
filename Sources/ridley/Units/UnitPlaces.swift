import Base
import Bus
import Gateway
import Glibc
import Inference
import Registry
import Serving
import Telemetry
import Units

/// Where servers and units meet.
enum UnitPlaces {
  static let option = Option.value(
    "units", "URL", "units on other hosts compute too: redis://host, where they take frames (or RIDLEY_UNITS)")

  /// The command line counts more than the environment, which does not show passwords to everybody on the machine.
  static func address(_ arguments: Arguments) -> String? {
    arguments["units"] ?? getenv("RIDLEY_UNITS").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Says so where the server writes to its disk what is not to outlive a second; one that is away is waited for.
  static func warn(_ bus: FrameBus) {
    guard (try? bus.keepsLog(before: Clock.now + 1_000_000_000)) == true else { return }
    Terminal.complain(
      "ridley: \(bus.place) writes every frame to its disk (appendonly yes): have a Redis of its own for units, with --appendonly no --save ''\n"
    )
  }
}

extension ServeCommand {
  /// The models, who computes them elsewhere, and their folder.
  func models(
    _ configuration: inout ServeConfiguration, _ arguments: Arguments, _ engine: Engine, _ telemetry: Telemetry?
  ) throws(Fault) -> (ModelRepository, UnitPool?, registry: RegistryFolder?, folder: String) {
    let registry = try registryFolder(configuration)
    var options = try repository(configuration, arguments, registry: registry)
    try plan(&configuration, &options, on: engine)
    let pool = try configuration.units.map { (address) throws(Fault) in
      let bus = try FrameBus(address, connections: 1024)
      UnitPlaces.warn(bus)
      return UnitPool(bus) { Terminal.complain(of: $0) }
    }
    (options.units, options.telemetry) = (pool, telemetry)
    let models = try ModelRepository(options, on: engine)
    // Before anything is loaded it is known what is only asked beside another version.
    if let registry { models.rollouts.take(try registry.registry.rollouts(), models) }
    return (models, pool, registry, options.folder)
  }
}
