import Base
import Gateway
import Glibc
import Inference
import Isolation
import Loading
import MediaProcess
import ModelHub
import ModelProcess
import Registry
import Serving
import Web

/// From the words of the command line to what is served, and how.
extension ServeCommand {
  /// The file of `--config`, with the options put over it.
  func configuration(_ arguments: Arguments) throws(Fault) -> ServeConfiguration {
    var configuration = ServeConfiguration()
    if let path = arguments["config"] { configuration = try ServeConfiguration.read(path) }
    if let text = arguments["listen"] { configuration.listen = try ListenAddress(text: text) }
    if let words = arguments.words("tls") { configuration.tls = .init(certificate: words[0], key: words[1]) }
    if let path = arguments["keys"] { configuration.keys = path }
    if let path = arguments["models"] { configuration.models = path }
    if let path = arguments["pipelines"] { configuration.pipelines = path }
    if let path = arguments["library"] { configuration.library = path }
    if arguments.has("registry") { configuration.servesRegistry = true }
    if let files = arguments["trust"] { configuration.trust = files.split(separator: ",").map(String.init) }
    guard configuration.trust.isEmpty || configuration.servesRegistry else {
      throw Fault(.usage, "trust is about versions of the registry: serve it with --registry, or leave --trust away")
    }
    configuration.units = UnitPlaces.address(arguments) ?? configuration.units
    try settleLibrary(&configuration, arguments)
    if let name = arguments["profile"] { configuration.profile = .init(rawValue: name) }
    if let count = try arguments.integer("workers", in: 0...256) { configuration.workers = count }
    if arguments["poll"] == "off" {
      configuration.poll = nil
    } else if let poll = try arguments.seconds("poll") {
      configuration.poll = poll
    }
    if let length = try arguments.integer("queue", in: 1...1_000_000) { configuration.queue.length = length }
    if let seconds = try arguments.seconds("timeout") { configuration.queue.timeoutSeconds = seconds }
    if let seconds = try arguments.seconds("trial") { configuration.trial.seconds = seconds }
    if let bytes = try arguments.bytes("memory") {
      var memory = configuration.memory ?? MemoryLimit(byteCount: bytes)
      memory.byteCount = bytes
      configuration.memory = memory
    }
    if let text = arguments["trusted-proxy"] {
      configuration.trustedProxies = []
      for range in text.split(separator: ",", omittingEmptySubsequences: false) {
        configuration.trustedProxies.append(try AddressRange(text: String(range)))
      }
    }
    if let path = arguments["access-log"] { configuration.log.access = path == "-" ? .standardOutput : .file(path) }
    return configuration
  }

  /// What the file says of a library that is shared is for all of the server's processes; the command line and the environment count more.
  private func settleLibrary(_ configuration: inout ServeConfiguration, _ arguments: Arguments) throws(Fault) {
    for (part, address) in [
      (SharedPlace.Part.store, configuration.store), (.objects, configuration.objects), (.bus, configuration.bus),
    ] where part.address == nil { if let address { part.say(address) } }
    if SharedPlace.isMeant, configuration.library == nil { configuration.library = try LibraryPlace.folder(nil) }
  }

  func repository(
    _ configuration: ServeConfiguration, _ arguments: Arguments, registry: RegistryFolder? = nil
  ) throws(Fault) -> ModelRepository.Options {
    let folder = registry?.path ?? configuration.models ?? Self.modelsHere ?? Hub.installed ?? Self.usualModels
    guard FileSystem.kind(of: folder) == .folder else {
      throw Fault(.notFound, "there is no folder of models at \(folder): name one with --models DIR")
    }
    var options = ModelRepository.Options(folder: folder, store: try Hub.standard().store)
    options.settings = EngineCache.standard.settings
    options.pipelines = try pipelines(configuration, arguments)
    options.queue = configuration.queue.length
    options.processes = processes(configuration)
    options.memory = configuration.memory
    (options.mayMoveAlias, options.movesAlias) = (registry?.examiner, registry?.mover)
    options.fetches = registry?.fetcher
    options.rollouts = registry?.registry
    options.warn = { Terminal.complain("  \($0)\n") }
    options.load.device = try ModelOptions.device(arguments)
    options.load.batch = try arguments.integer("batch", in: 1...256)
    options.load.streams = try arguments.integer("streams", in: 1...64)
    options.load.precision = arguments["precision"].flatMap(Precision.init)
    options.load.engine = arguments["engine"].flatMap(EngineChoice.init)
    for (name, settings) in configuration.settings {
      var load = options.load
      (load.streams, load.threads) = (settings.streams ?? load.streams, settings.threads)
      load.batch = settings.batch ?? load.batch
      load.precision = settings.precision ?? load.precision
      load.engine = settings.engine ?? load.engine
      options.loadOf[name] = load
      options.queueOf[name] = settings.queue
      options.placeOf[name] = settings.unit
    }
    return options
  }

  /// The usual folder, where something is in it; one that is still empty does not hide what was installed.
  private static var modelsHere: String? {
    guard let names = try? FileSystem.list(usualModels) else { return nil }
    return names.isEmpty && Hub.installed != nil ? nil : usualModels
  }

  private func pipelines(_ configuration: ServeConfiguration, _ arguments: Arguments) throws(Fault) -> String? {
    guard let folder = configuration.pipelines else {
      // A node that names none has those of its centre's updates, as soon as there are such.
      if let library = configuration.library, Self.centre(configuration, arguments) != nil {
        return "\(NodeLaunch.folder(ofLibrary: library))/current/pipelines"
      }
      return FileSystem.kind(of: Self.usualPipelines) == .folder ? Self.usualPipelines : nil
    }
    guard FileSystem.kind(of: folder) == .folder else {
      throw Fault(.notFound, "there is no folder of pipelines at \(folder): name one with --pipelines DIR")
    }
    return folder
  }

  /// Networks are read there first.
  private func processes(_ configuration: ServeConfiguration) -> ModelProcessOptions {
    var options = ModelProcessOptions()
    options.seconds = configuration.trial.seconds
    options.memory = configuration.trial.memory ?? options.memory
    options.parallel = max(2, Processor.count / 2)
    return options
  }

  /// So many that the server's own files, and its processes, find descriptors whatever its clients do.
  ///
  /// `share` is what one listener may have of them.
  func connections(_ wanted: Int, share: Double = 1) -> Int {
    let descriptors = Descriptor.raiseLimit()
    let possible = max(8, Int(Double(descriptors - 16 - 4 * Self.mediaProcesses) * share))
    guard possible < wanted else { return wanted }
    Terminal.complain(
      "ridley: the system allows \(descriptors) open files (ulimit -n), so at most \(possible) connections are taken\n")
    return possible
  }

  private static var mediaProcesses: Int {
    MediaPool.Options(cores: Processor.count, memory: MachineMemory.byteCount).limit
  }
}
