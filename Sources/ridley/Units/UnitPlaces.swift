import Base
import Bus
import Gateway
import Glibc
import Inference
import Placement
import Registry
import Serving
import Telemetry
import Units

/// Where servers and units meet.
enum UnitPlaces {
  static let option = Option.value(
    "units", "URL",
    "others compute too: redis://host, where units take frames, or a server, http(s)://[key@]host (or RIDLEY_UNITS)")

  /// The command line counts more than the environment, which does not show passwords to everybody on the machine.
  static func address(_ arguments: Arguments) -> String? {
    arguments["units"] ?? getenv("RIDLEY_UNITS").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Who computes for this server, and what ends asking them.
  static func units(_ address: String) throws(Fault) -> (units: any RemoteUnits, stop: @Sendable () -> Void) {
    if address.hasPrefix("http://") || address.hasPrefix("https://") {
      let centre = CentreUnits(try centre(address)) { Terminal.complain(of: $0) }
      return (centre, { centre.stop() })
    }
    let bus = try FrameBus(address, connections: 1024)
    warn(bus)
    let pool = UnitPool(bus) { Terminal.complain(of: $0) }
    return (pool, { pool.stop() })
  }

  /// A server, with the key that stands in front of its name.
  private static func centre(_ address: String) throws(Fault) -> CentreAddress {
    let isSecure = address.hasPrefix("https://")
    let rest = String(address.dropFirst(isSecure ? 8 : 7))
    let at = rest.lastIndex(of: "@")
    let key = at.map { String(rest[..<$0]) }
    let host = at.map { String(rest[rest.index(after: $0)...]) } ?? rest
    let place = try ServerAddress((isSecure ? "https://" : "http://") + host, option: "units")
    guard key?.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) ?? true else {
      throw Fault(
        .usage, "--units has no key in front of \(place.host): it is one word, such as 'ridley key create' prints")
    }
    if place.isReadable {
      let what = key == nil ? "pictures" : "pictures and the key"
      Terminal.complain("ridley: \(what) go to \(place.host) unencrypted: use https where others share the network\n")
    }
    return CentreAddress(
      place.text, host: place.host, key: key, authorities: getenv("SSL_CERT_FILE").map { String(cString: $0) })
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
  /// The models, what loads them and says what there is at an address, who computes them elsewhere, and their folder.
  func models(
    _ configuration: inout ServeConfiguration, _ arguments: Arguments, _ engine: Engine, _ telemetry: Telemetry?
  ) throws(Fault) -> (
    ModelRepository, load: @Sendable (String) -> Void, stopUnits: (@Sendable () -> Void)?, registry: RegistryFolder?,
    folder: String
  ) {
    let registry = try registryFolder(configuration)
    var options = try repository(configuration, arguments, registry: registry)
    let (asked, wanted) = (configuration, options)
    try plan(&configuration, &options, on: engine)
    let units = try configuration.units.map(UnitPlaces.units)
    (options.units, options.telemetry) = (units?.units, telemetry)
    let models = try ModelRepository(options, on: engine)
    // Before anything is loaded it is known what is only asked beside another version.
    if let registry { models.rollouts.take(try registry.registry.rollouts(), models) }
    let way = LoadReport.way(ofRegistry: registry != nil, isNode: Self.centre(configuration, arguments) != nil)
    let load = { @Sendable (address: String) in
      LoadReport.load(models, address, way)
      self.planAgain(asked, wanted, on: engine)
    }
    return (models, load, units?.stop, registry, options.folder)
  }
}
