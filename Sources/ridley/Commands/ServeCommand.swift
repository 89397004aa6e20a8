import Base
import Delivery
import Fleet
import Gateway
import Glibc
import Inference
import Isolation
import Jobs
import Library
import Loading
import MediaProcess
import ModelHub
import ModelProcess
import Recordings
import Search
import Serving
import Streams
import Telemetry
import Units
import Web

/// Models behind an address.
struct ServeCommand: Command {
  /// What holds where neither the configuration nor an option says otherwise.
  static let usual = ServeConfiguration()
  static let usualModels = "models"
  static let usualPipelines = "pipelines"

  let path = ["serve"]
  let summary = "Serve models over HTTP"
  let positionals: [Positional] = []
  let options: [Option] = [
    .value(
      "models", "DIR",
      "the models: NAME/VERSION/ with a network, and a model.yaml or not (default \(Self.usualModels), else those that were installed with ridley)"
    ),
    .value(
      "pipelines", "DIR", "pipelines that are served too, NAME.yaml (default \(Self.usualPipelines), where it is there)"
    ),
    .value("library", "DIR", "the library that is served too; made where it is missing"),
    Self.registryOption, Self.trustOption,
    UnitPlaces.option, Self.joinOption, Self.tokenFileOption, Self.tokenOption, Self.profileOption,
    .value("workers", "N", "workers for jobs over the library (default half of the cores; 0 for none)"),
    .value("config", "FILE", "settings as YAML; options stand above it (docs/serving.md)"),
    .value(
      "listen", "HOST:PORT",
      "where to listen (default \(Self.usual.listen.text)); beyond this machine only with keys"),
    .values("tls", ["CERT", "KEY"], "serve HTTPS: a certificate chain and its key, as PEM files"),
    .value("keys", "FILE", "ask everybody for a key of this file (see 'ridley key create'), in place of the library's"),
    .value(
      "poll", "TIME",
      "how often to look for models that came or went (default \(Self.usual.poll.map(Units.text(seconds:)) ?? "off")), or off"
    ),
    .value("queue", "N", "inputs that may wait for one model (default \(Self.usual.queue.length))"),
    .value(
      "timeout", "TIME",
      "how long a request may take that does not say (default \(Units.text(seconds: Self.usual.queue.timeoutSeconds)))"),
    .value(
      "trial", "TIME",
      "how long a new network may take, read and run first in a process of its own (default \(Units.text(seconds: Self.usual.trial.seconds)))"
    ),
    .value("memory", "SIZE", "memory for all models together: idle ones leave (default off)"),
    .value("batch", "N", "inputs in one inference, at most (default: as tuned, else 1)"),
    .value(
      "streams", "N", "inferences at the same time (default: as 'ridley tune' found for the model, else one a core)"),
    .choice("precision", Precision.allCases.map(\.rawValue), "arithmetic, in place of the manifests'"),
    .choice("engine", EngineChoice.allCases.map(\.rawValue), "who runs them, in place of the manifests'"),
    .value(
      "device", "NAME", "where networks run: cpu, gpu, npu, cuda, cuda:1, several with commas, auto (default cpu)"),
    .value(
      "trusted-proxy", "RANGE[,RANGE]",
      "proxies whose X-Forwarded-For says who a client is, e.g. 127.0.0.1 or 10.0.0.0/8; only with keys"),
    .value("access-log", "FILE", "write a line of JSON for each request; - is standard output"),
  ]
  let examples = [
    "ridley serve --models models/", "ridley serve --config ridley.yaml --listen 0.0.0.0:8443 --tls cert.pem key.pem",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    var configuration = try configuration(arguments)
    let node = Self.centre(configuration, arguments).flatMap { [configuration] _ in configuration.library }
    NodeLaunch.begin(node)
    fit(&configuration)
    let passed = try passedSocket(&configuration)
    TelemetryPlace.say(configuration.telemetry)
    Terminal.neverWaits()
    // What is wrong from the start is told at once, and not by a child.
    if !configuration.servesRegistry, try repository(configuration, arguments).folder == Hub.installed,
      configuration.models == nil
    {
      Terminal.complain(
        "ridley: there are no models in ./\(Self.usualModels) yet, so those installed with it are served\n")
    }
    do { _ = try keyRing(configuration, try library(configuration)) }
    let told = { (words: String) in
      ServiceManager.tell("STATUS=\(words)")
      NodeLaunch.crashed(node)
    }
    return try Supervisor.run("server", told: told) {
      [configuration] () throws(Fault) in try serve(configuration, passed, arguments)
    }
  }

  private func serve(
    _ configuration: ServeConfiguration, _ passed: PassedSocket?, _ arguments: Arguments
  ) throws(Fault) -> ExitCode {
    var configuration = configuration
    let (token, ending, telemetry, engine) = try begin(arguments)
    let (models, load, stopUnits, registry, folder) = try models(&configuration, arguments, engine, telemetry)
    let jobs = try jobs(configuration)
    let keys = try keyRing(configuration, jobs?.library)
    let (requests, media) = (try RequestLog(configuration.log.access, telemetry), mediaPool(configuration))
    let recordings = try jobs.map { (jobs) throws(Fault) in try self.recordings(jobs.library, media, configuration) }
    let (pictures, recorder) = (PictureDesk(media), jobs.map { self.recorder($0.library, recordings) })
    let streams = try streams(configuration, models, jobs?.library, recorder, recordings, telemetry)
    let deliveries = try deliveries(configuration, jobs?.library)
    let edge = try edge(configuration, arguments, token, jobs, registry, models, streams, media, requests.write)
    let gateway = Gateway(
      models, keys: keys, options: gatewayOptions(configuration), pictures: pictures,
      library: desk(of: jobs, media, deliveries, configuration), streams: streams, catalogue: .ofHome,
      fleet: edge.fleet, telemetry: telemetry, onEnded: requests.write)
    let server = try server(configuration, passed, gateway)
    // Who comes by a passed socket has waited while the program was away, and is not to be told that models are being loaded.
    if passed == nil { server.start() }
    let address = told(address(configuration, server.port))
    let loader = NativeThread { load(address) }
    let monitor = HealthMonitor(models, pictures: pictures, poll: configuration.poll) { LoadReport.tell($0, $1, $2) }
    let watch = edge.begin() + follow(keys) + follow(registry, models, pictures)
    let maintenance = watch + maintenance(jobs, streams, deliveries, media, configuration, edge, models: folder, engine)
    let workers = workers(configuration, of: jobs, models: folder)
    ending.wait(until: { models.isSettled }) {
      if passed != nil { server.start() }
      ServiceManager.tell("READY=1", "STATUS=serving at \(address)")
    }
    tell(ending)
    finish(server, streams, recorder, recordings)
    requests.finish()
    end { [models] in
      models.drain()
      monitor.stop()
      stopUnits?()
      for stop in maintenance { stop() }
      workers?.stop()
      loader.join()
    }
    return leave(models, edge.isToStartAgain ? .tryAgain : .success)
  }

  /// What comes first: the token before anything can inherit it, then what ends the server.
  private func begin(_ arguments: Arguments) throws(Fault) -> (TokenWord?, EndSignals, Telemetry?, Engine) {
    let (token, ending, telemetry) = try (Self.token(arguments), EndSignals(), TelemetryPlace.begin())
    signal(SIGPIPE, SIG_IGN)
    return (token, ending, telemetry, try Engine.ofProgram(cacheFolder: EngineCache.standard.folder))
  }

  private func told(_ address: String) -> String {
    Terminal.complain("ridley: serving at \(address)\n")
    return address
  }

  /// Who follows a stream is told that it ends; everybody else gets the answer.
  private func finish(
    _ server: Server, _ streams: StreamDesk, _ recorder: EventRecorder?, _ recordings: RecordingDesk?
  ) {
    streams.end()
    recorder?.finish()
    recordings?.finish()
    server.drain(within: 30)
  }

  private func tell(_ ending: EndSignals) {
    ServiceManager.tell("STOPPING=1", "STATUS=finishing what was accepted")
    Terminal.complain("ridley: finishing what was accepted (once more ends at once)\n")
    ending.endAtOnceFromNowOn()
  }

  private func desk(
    of jobs: JobDesk?, _ media: MediaPool, _ deliveries: DeliveryService?, _ configuration: ServeConfiguration
  ) -> LibraryDesk? {
    jobs.map {
      LibraryDesk(
        $0, examiner: PoolExaminer(media), finder: PoolFrames(pool: media), teller: deliveries,
        privateTargets: configuration.privateTargets)
    }
  }

  /// What is done for the library beside the server; gives what ends each.
  private func maintenance(
    _ jobs: JobDesk?, _ streams: StreamDesk, _ deliveries: DeliveryService?, _ media: MediaPool,
    _ configuration: ServeConfiguration, _ edge: EdgeServices, models: String, _ engine: Engine
  ) -> [@Sendable () -> Void] {
    guard let jobs else { return [] }
    let examiner = PoolExaminer(media)
    let library = LibraryMaintenance(jobs.library, examiner: examiner, eventAge: configuration.eventAge) {
      Terminal.complain(of: $0)
    }
    let keeper = TriggerPlace.keeper(TriggerDesk(jobs), examiner: examiner, models: models) { engine }
    let triggers = jobs.hasBus ? keeper.run { Terminal.complain(of: $0) } : nil
    let backlog = RepeatingThread(restMilliseconds: 2000, complain: { Terminal.complain(of: $0) }) {
      () throws(Fault) in try jobs.noteBacklog()
    }
    let incidents = incidents(configuration, jobs.library, streams, deliveries, edge.fleet)
    let moments = MomentService(jobs.library) { Terminal.complain(of: $0) }
    return (deliveries.map { [$0.stop] } ?? []) + (triggers.map { [$0.stop] } ?? []) + [
      incidents, endsStreams(streams, jobs.library), library.stop, backlog.stop, moments.stop,
    ]
  }

  /// Jobs step back behind requests: those wait for an answer.
  private func workers(_ configuration: ServeConfiguration, of jobs: JobDesk?, models: String) -> WorkerFleet? {
    let count = configuration.workers ?? max(1, Processor.count / 2)
    guard let library = configuration.library, jobs?.hasBus == true, count > 0 else { return nil }
    return WorkerFleet(library: library, models: models, count: count) { Terminal.complain(of: $0) }
  }

  private func server(
    _ configuration: ServeConfiguration, _ passed: PassedSocket?, _ gateway: Gateway
  ) throws(Fault) -> Server {
    let server = try Server(try serverOptions(configuration, passed), handler: gateway)
    gateway.count(server)
    return server
  }

  private func gatewayOptions(_ configuration: ServeConfiguration) -> Gateway.Options {
    var options = Gateway.Options()
    (options.bodyLimit, options.timeout) = (configuration.limits.body, configuration.queue.timeoutSeconds)
    options.version = Version.text
    return options
  }

  /// What runs at the end of a program would take from under a thread that hangs what it uses: then there is no such end.
  private func leave(_ models: ModelRepository, _ code: ExitCode) -> ExitCode {
    if models.hasAbandonedThreads { ChildProcess.leave(code.rawValue) }
    return code
  }

  /// Does what ends a server in good order; where an engine is at work that does not come back, the system ends it all the same.
  private func end(_ body: @escaping @Sendable () -> Void) {
    let isDone = Monitor(false)
    let thread = NativeThread {
      body()
      isDone.update { $0 = true }
    }
    guard isDone.wait(before: Clock.now + 5_000_000_000, until: { $0 ? true : nil }) != nil else {
      ChildProcess.leave(ExitCode.success.rawValue)
    }
    thread.join()
  }

  /// Foreign pictures and clips are decoded there.
  private func mediaPool(_ configuration: ServeConfiguration) -> MediaPool {
    var options = MediaPool.Options(cores: Processor.count, memory: memory(configuration))
    options.warn = { Terminal.complain("ridley: \($0)\n") }
    return MediaPool(options)
  }

  /// A socket that was handed over says where to listen; another address beside it is a mistake.
  private func passedSocket(_ configuration: inout ServeConfiguration) throws(Fault) -> PassedSocket? {
    guard
      let passed = try ServiceManager.takeSocket().map({ (descriptor) throws(Fault) in try PassedSocket(descriptor) })
    else { return nil }
    let address = ListenAddress(host: passed.address, port: passed.port)
    guard [address, Self.usual.listen].contains(configuration.listen) else {
      throw Fault(
        .usage,
        "a socket at \(address.text) was handed over to listen on, and 'listen' says \(configuration.listen.text): say it in one place (with systemd: ListenStream of ridley.socket)"
      )
    }
    configuration.listen = address
    return passed
  }

  private func serverOptions(
    _ configuration: ServeConfiguration, _ passed: PassedSocket?
  ) throws(Fault) -> ServerOptions {
    var options = ServerOptions()
    options.passed = passed
    options.limits.trustedProxies = configuration.trustedProxies
    (options.address, options.port) = (configuration.listen.host, configuration.listen.port)
    for path in [configuration.tls?.certificate, configuration.tls?.key] { try path.map(FileSystem.checkPlain) }
    options.tls = configuration.tls.map { ServerOptions.TLS(certificate: $0.certificate, key: $0.key) }
    let wanted = configuration.limits
    (options.limits.bodyBytesInFlight, options.limits.answerBytes) = (wanted.bodies, wanted.answers)
    options.limits.connections = connections(wanted.connections, share: configuration.edge.listen == nil ? 1 : 0.75)
    options.limits.connectionsPerPeer = wanted.connectionsPerAddress
    options.limits.downloadBytesPerSecond = wanted.downloadBytesPerSecond
    (options.limits.headSeconds, options.limits.idleSeconds) = (wanted.headSeconds, wanted.idleSeconds)
    (options.limits.stallSeconds, options.limits.uploadBytesPerSecond) = (
      wanted.stallSeconds, wanted.uploadBytesPerSecond
    )
    return options
  }

  private func address(_ configuration: ServeConfiguration, _ port: Int) -> String {
    let place = ListenAddress(host: configuration.listen.host, port: port)
    return "\(configuration.tls == nil ? "http" : "https")://\(place.text)"
  }
}
