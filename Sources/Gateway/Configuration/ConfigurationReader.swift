public import Base
internal import Catalog
internal import Drift
internal import Serving
internal import Web
public import YAML

extension ServeConfiguration {
  /// Reads the file of `--config`; paths in it are meant from its own folder.
  public static func read(_ path: String) throws(Fault) -> ServeConfiguration {
    try parse(try FileSystem.read(path, limit: 1 << 20), name: path, folder: FileSystem.folder(of: path))
  }

  /// Reads a document; faults are `badInput` and begin with `name:line:column:`.
  public static func parse(_ bytes: [UInt8], name: String, folder: String) throws(Fault) -> ServeConfiguration {
    let root = try YAMLDocument.parse(bytes, name: name).value("the configuration")
    return try ConfigurationReader(folder: folder).read(root)
  }

  /// The keys that such a document may have.
  public static var keys: [String] { ConfigurationReader.Key.allCases.map(\.rawValue) }

  /// Reads a part of another document, which has keys of these alone.
  ///
  /// Secrets that it names are another machine's, and not looked for.
  public static func read(_ part: YAMLNode, name: String, folder: String) throws(Fault) -> ServeConfiguration {
    try ConfigurationReader(folder: folder, findsSecrets: false)
      .read(YAMLValue(part, what: "the configuration", document: name))
  }
}

/// From the document to the value, field by field.
struct ConfigurationReader {
  enum Key: String, CaseIterable {
    case listen, models, pipelines, library, registry, store, objects, bus, units, workers, poll, tls, keys
    case limits, queue, trial, settings, log, films, streams, events, recordings, targets, deliveries, incidents
    case drift, memory, trust, telemetry, profile, edge
    case privateTargets = "private-targets"
    case publicAddress = "public-address"
    case privateSources = "private-sources"
    case trustedProxies = "trusted-proxies"
  }
  enum TLSKey: String, CaseIterable { case certificate, key }
  enum LimitKey: String, CaseIterable {
    case body, bodies, answers, connections, head, idle, stall, upload, download
    case perAddress = "per-address"
  }
  enum QueueKey: String, CaseIterable { case length, timeout }
  enum TrialKey: String, CaseIterable { case time, memory }
  enum MemoryKey: String, CaseIterable { case limit, stay, absent }
  /// What a request is told for a model that is not in memory.
  enum Absence: String, CaseIterable { case wait, refuse }
  enum SettingKey: String, CaseIterable { case streams, threads, batch, precision, engine, queue, unit }
  enum LogKey: String, CaseIterable { case access }
  enum EventKey: String, CaseIterable { case keep }
  enum StreamKey: String, CaseIterable {
    case client, source, view, pipeline, model, budget, rate, weight, clips, record
  }

  private static let queueLengths = 1...1_000_000

  let folder: String
  var findsSecrets = true

  func read(_ root: YAMLValue) throws(Fault) -> ServeConfiguration {
    let fields = try root.fields(Key.self)
    var result = ServeConfiguration()
    if let value = fields[.listen] { result.listen = try endpoint(value) }
    result.models = try fields[.models].map(path)
    result.pipelines = try fields[.pipelines].map(path)
    result.library = try fields[.library].map(path)
    if let value = fields[.registry] { result.servesRegistry = try value.flag() }
    for item in try fields[.trust]?.itemsOrOne() ?? [] { result.trust.append(try path(item)) }
    result.store = try fields[.store]?.text()
    result.objects = try fields[.objects]?.text()
    result.bus = try fields[.bus]?.text()
    result.units = try fields[.units]?.text()
    result.workers = try fields[.workers].map { (value) throws(Fault) in try value.wholeNumber(in: 0...256, example: 2)
    }
    if let value = fields[.poll] { result.poll = try poll(value) }
    result.tls = try fields[.tls].map(certificate)
    result.keys = try fields[.keys].map(path)
    if let value = fields[.trustedProxies] { result.trustedProxies = try proxies(value) }
    if let value = fields[.limits] { result.limits = try limits(value) }
    if let value = fields[.queue] { result.queue = try queue(value) }
    if let value = fields[.trial] { result.trial = try trial(value) }
    result.memory = try fields[.memory].map(memory)
    result.profile = try fields[.profile]?.choice()
    if let value = fields[.settings] { result.settings = try settings(value) }
    if let value = fields[.log] { result.log = try log(value) }
    for item in try fields[.films]?.itemsOrOne() ?? [] { result.films.append(try path(item)) }
    if let value = fields[.privateSources] { result.privateSources = try value.flag() }
    if let value = fields[.streams] { result.streams = try streams(value) }
    if let value = fields[.recordings] { result.recordings = try ServeConfiguration.RecordingSettings(value) }
    if let value = fields[.drift] { result.drift = try DriftSettings(value) }
    if let value = fields[.telemetry] { result.telemetry = try TelemetryReader(secrets: secrets).read(value) }
    if let value = fields[.edge] { result.edge = try EdgeSettings(value, path: path) }
    try readDelivery(fields, &result)
    if let value = try fields[.events]?.fields(EventKey.self)[.keep] { result.eventAge = try value.age(least: 60) }
    return result
  }

  private func readDelivery(_ fields: YAMLFields<Key>, _ result: inout ServeConfiguration) throws(Fault) {
    let reader = secrets
    result.targets = try fields[.targets].map(reader.targets)
    if let value = fields[.privateTargets] { result.privateTargets = try value.flag() }
    if let value = fields[.publicAddress] { result.publicAddress = try reader.origin(value) }
    if let value = fields[.incidents] { try reader.readIncidents(value, &result) }
    if let value = fields[.deliveries] { try reader.readPace(value, &result) }
  }

  private var secrets: TargetReader { TargetReader(folder: folder, findsSecrets: findsSecrets) }

  private func endpoint(_ value: YAMLValue) throws(Fault) -> ListenAddress {
    do throws(Fault) { return try ListenAddress(text: try value.text()) } catch {
      throw error.kind == .usage ? value.fault(error.message) : error
    }
  }

  private func proxies(_ value: YAMLValue) throws(Fault) -> [AddressRange] {
    var ranges: [AddressRange] = []
    for item in try value.itemsOrOne() {
      do throws(Fault) { ranges.append(try AddressRange(text: try item.text())) } catch {
        throw error.kind == .usage ? item.fault(error.message) : error
      }
    }
    return ranges
  }

  private func poll(_ value: YAMLValue) throws(Fault) -> Double? {
    if try value.text() == "off" { return nil }
    return try value.seconds(in: 0.1...86_400, orElse: "off")
  }

  private func certificate(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.Certificate {
    let fields = try value.fields(TLSKey.self)
    return ServeConfiguration.Certificate(
      certificate: try path(fields.required(.certificate)), key: try path(fields.required(.key)))
  }

  private func limits(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.Limits {
    let fields = try value.fields(LimitKey.self)
    var limits = ServeConfiguration.Limits()
    if let value = fields[.body] { limits.body = try value.bytes(in: 1024...1 << 40) }
    if let value = fields[.bodies] { limits.bodies = try value.bytes(in: 1024...1 << 50) }
    if let value = fields[.answers] { limits.answers = try value.bytes(in: 1 << 20...1 << 50) }
    let counts = 1...1_000_000
    if let value = fields[.connections] { limits.connections = try value.wholeNumber(in: counts, example: 8192) }
    if let value = fields[.perAddress] {
      limits.connectionsPerAddress = try value.wholeNumber(in: counts, example: 256)
    }
    if let value = fields[.head] { limits.headSeconds = try value.seconds(in: 0.1...3600) }
    if let value = fields[.idle] { limits.idleSeconds = try value.seconds(in: 0.1...86_400) }
    if let value = fields[.stall] { limits.stallSeconds = try value.seconds(in: 0.1...86_400) }
    if let value = fields[.upload] { limits.uploadBytesPerSecond = try value.bytes(in: 1...1 << 40) }
    if let value = fields[.download] { limits.downloadBytesPerSecond = try value.bytes(in: 1...1 << 40) }
    if limits.bodies < limits.body, let value = fields[.bodies] ?? fields[.body] {
      throw value.fault("all bodies together (\(limits.bodies) bytes) must have room for one (\(limits.body) bytes)")
    }
    return limits
  }

  private func queue(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.Queue {
    let fields = try value.fields(QueueKey.self)
    var queue = ServeConfiguration.Queue()
    if let value = fields[.length] { queue.length = try value.wholeNumber(in: Self.queueLengths, example: 256) }
    if let value = fields[.timeout] { queue.timeoutSeconds = try value.seconds(in: 0.001...86_400) }
    return queue
  }

  private func trial(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.Trial {
    let fields = try value.fields(TrialKey.self)
    var trial = ServeConfiguration.Trial()
    if let value = fields[.time] { trial.seconds = try value.seconds(in: 0.1...86_400) }
    trial.memory = try fields[.memory]?.bytes(in: 64 << 20...1 << 50)
    return trial
  }

  private func memory(_ value: YAMLValue) throws(Fault) -> MemoryLimit {
    let fields = try value.fields(MemoryKey.self)
    var memory = MemoryLimit(byteCount: try fields.required(.limit).bytes(in: 1 << 20...1 << 50))
    if let value = fields[.stay] { memory.staySeconds = try value.seconds(in: 0...86_400) }
    let absent: Absence? = try fields[.absent]?.choice()
    memory.refuses = absent == .refuse
    return memory
  }

  private func settings(_ value: YAMLValue) throws(Fault) -> [String: ServeConfiguration.ModelSettings] {
    var settings: [String: ServeConfiguration.ModelSettings] = [:]
    guard case .map(let entries) = value.node.kind else {
      throw value.fault("settings must be a group of models: the name of each, and what is set for it")
    }
    for entry in entries {
      settings[entry.key] = try model(YAMLValue(entry.node, what: entry.key, document: value.document))
    }
    return settings
  }

  private func model(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.ModelSettings {
    let fields = try value.fields(SettingKey.self)
    var settings = ServeConfiguration.ModelSettings()
    settings.streams = try fields[.streams]?.wholeNumber(in: 1...256, example: 2)
    settings.threads = try fields[.threads]?.wholeNumber(in: 1...256, example: 4)
    settings.batch = try fields[.batch]?.wholeNumber(in: 1...256, example: 8)
    settings.precision = try fields[.precision]?.choice()
    settings.engine = try fields[.engine]?.choice()
    settings.unit = try fields[.unit]?.choice()
    settings.queue = try fields[.queue]?.wholeNumber(in: Self.queueLengths, example: 64)
    return settings
  }

  private func streams(_ value: YAMLValue) throws(Fault) -> [ServeConfiguration.Stream] {
    guard case .map(let entries) = value.node.kind else {
      throw value.fault("streams must be a group: the name of each, and where it comes from")
    }
    var streams: [ServeConfiguration.Stream] = []
    for entry in entries {
      streams.append(try stream(entry.key, YAMLValue(entry.node, what: entry.key, document: value.document)))
    }
    return streams
  }

  /// A film's path is the configuration's.
  private func placed(_ source: String) -> String {
    source.contains("://") || source.hasPrefix("/") ? source : FileSystem.absolute(folder) + "/" + source
  }

  private func stream(_ name: String, _ value: YAMLValue) throws(Fault) -> ServeConfiguration.Stream {
    let fields = try value.fields(StreamKey.self)
    var stream = ServeConfiguration.Stream(
      name: name, client: try fields[.client]?.text() ?? "local", source: try fields.required(.source).text())
    stream.source = placed(stream.source)
    stream.view = try fields[.view].map { (value) throws(Fault) in placed(try value.text()) }
    (stream.pipeline, stream.model) = (try fields[.pipeline]?.text(), try fields[.model]?.text())
    guard stream.pipeline == nil || stream.model == nil else {
      throw value.fault("the stream \(name) has a pipeline, or a model, and not both")
    }
    if let value = fields[.budget] { stream.budgetSeconds = try value.seconds(in: 0.001...60) }
    if let value = fields[.rate] { stream.rate = Double(try value.number(example: "5")) }
    if let value = fields[.weight] { stream.weight = Double(try value.number(example: "2")) }
    stream.clips = try fields[.clips].flatMap { (value) throws(Fault) in try ClipPolicy(value) }
    stream.record = try fields[.record].flatMap { (value) throws(Fault) in try RecordPolicy(value) }
    return stream
  }

  private func log(_ value: YAMLValue) throws(Fault) -> ServeConfiguration.Log {
    var log = ServeConfiguration.Log()
    guard let access = try value.fields(LogKey.self)[.access] else { return log }
    switch try access.text() {
    case "on": log.access = .standardOutput
    case "off": log.access = .off
    default: log.access = .file(try path(access))
    }
    return log
  }

  /// From the file's own folder, so that a configuration means the same wherever the server is started.
  private func path(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    guard !text.isEmpty else { throw value.fault("\(value.what) has no value") }
    return text.hasPrefix("/") || folder == "." ? text : "\(folder)/\(text)"
  }
}
