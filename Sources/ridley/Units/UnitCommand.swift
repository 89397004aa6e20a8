import Base
import Bus
import Gateway
import Glibc
import Inference
import Isolation
import Loading
import Serving
import Units

/// Computes frames for servers elsewhere.
struct UnitCommand: Command {
  let path = ["unit"]
  let summary = "Compute frames for servers on other hosts, which send them through Redis"
  let positionals: [Positional] = []
  let options: [Option] = [
    .value("bus", "URL", "where frames come from: redis://host (or RIDLEY_UNITS)"),
    .value("models", "DIR", "the models, as the servers have them (default \(ServeCommand.usualModels))"),
    .value("model", "NAME[,NAME]", "compute these alone (default: all that can be loaded)"),
    .value("trial", "TIME", "how long a new network may take, read and run first in a process of its own"),
    .value("batch", "N", "inputs in one inference, at most (default: as tuned, else 1)"),
    .value(
      "streams", "N", "inferences at the same time (default: as 'ridley tune' found for the model, else one a core)"),
    .choice("precision", Precision.allCases.map(\.rawValue), "arithmetic, in place of the manifests'"),
    .choice("engine", EngineChoice.allCases.map(\.rawValue), "who runs them, in place of the manifests'"),
    .value(
      "device", "NAME", "where networks run: cpu, gpu, npu, cuda, cuda:1, several with commas, auto (default cpu)"),
  ]
  let examples = [
    "ridley unit --bus redis://frames.internal --models models/",
    "RIDLEY_UNITS=rediss://unit:secret@frames.internal ridley unit --model yolox-nano",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let address = arguments["bus"] ?? UnitPlaces.address(arguments) else {
      throw arguments.refusal("say where frames come from: --bus redis://HOST, or RIDLEY_UNITS")
    }
    let bus = try FrameBus(address, connections: 1024)
    var configuration = ServeConfiguration()
    configuration.models = arguments["models"]
    if let seconds = try arguments.seconds("trial") { configuration.trial.seconds = seconds }
    _ = try ServeCommand().repository(configuration, arguments)
    Terminal.neverWaits()
    return try Supervisor.run("unit") { [configuration] () throws(Fault) in
      try work(bus, configuration, arguments)
    }
  }

  private func names(_ arguments: Arguments, among known: [String]) throws(Fault) -> [String]? {
    guard let names = arguments["model"]?.split(separator: ",").map(String.init) else { return nil }
    for name in names where !known.contains(name) {
      throw Fault(
        .notFound, "there is no model '\(name)' in the folder of models\(Suggestion.hint(for: name, among: known))")
    }
    return names
  }

  private func work(
    _ bus: FrameBus, _ configuration: ServeConfiguration, _ arguments: Arguments
  ) throws(Fault) -> ExitCode {
    let ending = EndSignals()
    signal(SIGPIPE, SIG_IGN)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let models = try ModelRepository(try ServeCommand().repository(configuration, arguments), on: engine)
    UnitPlaces.warn(bus)
    var options = UnitWorker.Options(host: LibrarySink.host)
    options.models = try names(arguments, among: models.list().map(\.model))
    let loader = NativeThread { models.loadAll { LoadReport.tell($0, $1, $2) } }
    let monitor = HealthMonitor(models, poll: configuration.poll) { LoadReport.tell($0, $1, $2) }
    let worker = UnitWorker(models, bus: bus, options) { Terminal.complain(of: $0) }
    Terminal.complain("ridley: takes frames from \(bus.place)\n")
    ending.wait(until: { models.isSettled }) { ServiceManager.tell("READY=1", "STATUS=taking frames") }
    ending.endAtOnceFromNowOn()
    Terminal.complain("ridley: finishing what was taken (once more ends at once)\n")
    let counts = worker.stop()
    models.drain()
    monitor.stop()
    loader.join()
    Terminal.complain(
      "ridley: \(counts.answered) frames answered, \(counts.stale) too old, \(counts.failed) failed\n")
    if models.hasAbandonedThreads { ChildProcess.leave(ExitCode.success.rawValue) }
    return .success
  }
}
