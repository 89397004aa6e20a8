import Base
import Crypto
import Edge
import Fleet
import Gateway
import Glibc
import Jobs
import Library
import MediaProcess
import Registry
import Serving
import Streams
import Updates
import Web

/// What a server is to nodes at the edge, and at the edge itself.
struct EdgeServices {
  /// Of a centre.
  var fleet: FleetDesk?
  var door: Server?
  /// Of a node.
  var agent: NodeAgent?
  var ledger: LedgerPart?
  var updates: NodeUpdates?
  var place: ServedUpdates?
  var logs: LogPart?

  /// The server is to be started again, with another program.
  var isToStartAgain: Bool { place?.isToStartAgain ?? false }

  /// Lets nodes in, and looks for the centre; gives what ends that.
  func begin() -> [@Sendable () -> Void] {
    var ends: [@Sendable () -> Void] = []
    if let agent {
      ledger?.start(over: agent)
      agent.start()
      logs?.start()
      ends.append { [ledger, logs] in
        ledger?.stop()
        agent.stop()
        logs?.stop()
      }
    }
    if let updates {
      updates.start()
      ends.append { updates.stop() }
    }
    guard let fleet, let door else { return ends }
    door.start()
    let (book, steady) = (fleet.updates, { @Sendable () -> Int in Int(Clock.now / 1_000_000) })
    let time = Monitor(ListeningTime(wall: book.library.now, steady: steady()))
    let threads = [
      Self.repeating(500) { () throws(Fault) in try fleet.ring.refresh() },
      Self.repeating(1000) { () throws(Fault) in
        let listening = time.update { $0.elapsed(wall: book.library.now, steady: steady()) }
        try book.turn(listening: listening) { Terminal.complain(of: $0) }
      },
      Self.repeating(600_000) { () throws(Fault) in try book.release { Terminal.complain(of: $0) } },
    ]
    return ends + [{ door.drain(within: 2) }] + threads.map { thread in { thread.stop() } }
  }

  private static func repeating(
    _ milliseconds: Int, _ body: @escaping @Sendable () throws(Fault) -> Void
  ) -> RepeatingThread {
    RepeatingThread(restMilliseconds: milliseconds, complain: { Terminal.complain(of: $0) }, body)
  }
}

extension ServeCommand {
  static let joinOption = Option.value(
    "join", "URL", "be a node of this centre, such as https://centre:8444, with a library of its own (docs/edge.md)")
  static let tokenFileOption = Option.value(
    "token-file", "FILE", "with --join, once: the file with the token of 'ridley edge token'")
  static let tokenOption = Option.value(
    "token", "WORD",
    "the token itself, which the list of processes shows: a file, or the variable RIDLEY_TOKEN, does not")

  /// `onEnded` is told of what the door answered.
  func edge(
    _ configuration: ServeConfiguration, _ arguments: Arguments, _ token: TokenWord?, _ jobs: JobDesk?,
    _ registry: RegistryFolder?, _ models: ModelRepository, _ streams: StreamDesk, _ media: MediaPool,
    _ onEnded: @escaping Gateway.OnEnded
  ) throws(Fault) -> EdgeServices {
    var services = EdgeServices()
    if let listen = configuration.edge.listen {
      guard let library = jobs?.library else {
        throw Fault(.usage, "the fleet of a centre is in its library: name one with --library DIR")
      }
      let files = try door(configuration.edge, library)
      let fleet = try fleet(configuration.edge, library, files, media)
      services.door = try Server(doorOptions(listen, files), handler: EdgeDoor(fleet, onEnded: onEnded))
      services.fleet = fleet
      let place = ListenAddress(host: listen.host, port: services.door?.port ?? listen.port)
      Terminal.complain("ridley: nodes come in at https://\(place.text)\n")
    }
    try join(configuration, arguments, token, jobs?.library, &services) { (library, folder, clock) in
      let reporter = NodeReporter(
        models, streams, library: library.path, folder: folder, clock: clock,
        profile: configuration.profile?.rawValue, reserve: configuration.diskReserve)
      return (ServedUpdates(library, registry, models, streams), reporter.parts)
    }
    return services
  }

  // MARK: a centre

  /// The files of the door's certificate: those that are named, or one that is made once and lies in the library's folder.
  private func door(_ settings: EdgeSettings, _ library: Library) throws(Fault) -> ServerOptions.TLS {
    var files: ServerOptions.TLS
    if let named = settings.certificate {
      for path in [named.certificate, named.key] { try FileSystem.checkPlain(path) }
      files = ServerOptions.TLS(certificate: named.certificate, key: named.key)
    } else {
      _ = try NodeFolder(library: library.path)
      let file = "\(library.path)/\(Library.doorFile)"
      if !FileSystem.isThere(file) {
        try FileSystem.write(try SelfSignedCertificate(name: "ridley centre").pem, to: file, isSecret: true)
      }
      files = ServerOptions.TLS(certificate: file, key: file)
    }
    files.asksClients = true
    return files
  }

  private func fleet(
    _ settings: EdgeSettings, _ library: Library, _ files: ServerOptions.TLS, _ media: MediaPool
  ) throws(Fault) -> FleetDesk {
    let pins = try ([files.certificate] + (settings.next.map { [$0] } ?? [])).map { (file) throws(Fault) in
      try SelfSignedCertificate.fingerprint(ofPEM: try FileSystem.read(file, limit: 1 << 16), name: file)
    }
    let keys = try settings.bundleKeys.map { (file) throws(Fault) in
      try Ed25519.PublicKey(pem: try FileSystem.read(file, limit: 1 << 16), name: file).bytes
    }
    let book = FleetBook(library)
    if let former = try book.setDoorPin(pins[0]) {
      Terminal.complain(
        "ridley: the door for nodes has another key than before (\(Hex.text(former.prefix(4)))…): nodes that were not told of it by 'edge: {next: FILE}' before have to be enrolled anew\n"
      )
    }
    try UpdateBook(library).setKeys(keys)
    let ledger = try LedgerDesk(library, examiner: PoolExaminer(media)) { Terminal.complain(of: $0) }
    return try FleetDesk(book, pins: pins, bundleKeys: keys, parts: [NodeLogs(book)], ledger: ledger) {
      Terminal.complain(of: $0)
    }
  }

  private func doorOptions(_ listen: ListenAddress, _ files: ServerOptions.TLS) -> ServerOptions {
    var options = ServerOptions()
    (options.address, options.port, options.tls) = (listen.host, listen.port, files)
    options.limits.bodyBytesInFlight = 256 << 20
    options.limits.connections = connections(4096, share: 0.25)
    options.limits.connectionsPerPeer = 1024
    // A node's link may be a slow one, and shared with what it forwards.
    (options.limits.uploadBytesPerSecond, options.limits.downloadBytesPerSecond) = (512, 512)
    return options
  }

  // MARK: a node

  /// The centre whose node this server is; `nil` for nobody's.
  static func centre(_ configuration: ServeConfiguration, _ arguments: Arguments) -> String? {
    arguments["join"] ?? configuration.edge.join
  }

  /// `parts` gives what an update changes of this server, and what is reported of it besides.
  private func join(
    _ configuration: ServeConfiguration, _ arguments: Arguments, _ token: TokenWord?, _ library: Library?,
    _ services: inout EdgeServices, parts: (Library, NodeFolder, NodeClock) -> (ServedUpdates, [any NodePart])
  ) throws(Fault) {
    guard let address = Self.centre(configuration, arguments) else {
      guard token == nil else { throw arguments.refusal("a token is for a centre: say which, with --join URL") }
      return
    }
    guard let library else {
      throw Fault(.usage, "a node keeps what it sees in a library of its own: name one with --library DIR")
    }
    let folder = try NodeFolder(library: library.path)
    let outbox = Outbox(library, configuration.edge.rules) { Terminal.complain(of: $0) }
    let (known, (place, reports)) = (Monitor<NodeAgent?>(nil), parts(library, folder, outbox.clock))
    let ledger = try LedgerPart(outbox) { Terminal.complain(of: $0) }
    var updates: NodeUpdates?
    do throws(Fault) { updates = try self.updates(library, place, configuration, ledger.budget, known) } catch {
      Terminal.complain(of: error.at("this node takes no updates until it is started again"))
    }
    let logs = LogPart { Terminal.lines($0).map(\.shown) }
    let all: [any NodePart] = reports + [ledger, logs] + (updates.map { [$0] } ?? [])
    let agent = try NodeAgent(
      folder, centre: try CentreAddress(address), token: token, parts: all, wasJoined: ledger.wasJoined,
      clock: { outbox.clock.moment.monotonic },
      say: { Terminal.complain("ridley: \($0)\n") }, complain: { Terminal.complain(of: $0) })
    known.update { $0 = agent }
    try agent.enrolFirst()
    try outbox.begin()
    (services.agent, services.ledger) = (agent, ledger)
    (services.updates, services.place, services.logs) = (updates, place, logs)
    logs.attach(agent)
  }

  private func updates(
    _ library: Library, _ place: ServedUpdates, _ configuration: ServeConfiguration, _ link: LinkBudget,
    _ agent: Monitor<NodeAgent?>
  ) throws(Fault) -> NodeUpdates {
    guard let facts = ProgramFile.Facts("\(Version.mark)") else {
      throw Fault(.bug, "this program does not say its version")
    }
    let (schema, architecture) = (facts.schema, NodeLaunch.architecture)
    let (takesPipelines, takesModels) = (configuration.pipelines == nil, configuration.servesRegistry)
    return try NodeUpdates(
      try BundleStore(NodeLaunch.folder(ofLibrary: library.path)), place, program: facts.version,
      architecture: architecture, schema: schema, link: link,
      centre: { () throws(Fault) in
        guard let agent = agent.update({ $0 }), let connection = agent.connection, let enrolment = agent.enrolment
        else {
          return nil
        }
        let gate = BundleGate(
          node: enrolment.name.text,
          keys: try enrolment.bundleKeys.map { (key) throws(Fault) in try Ed25519.PublicKey(bytes: key) },
          centres: enrolment.pins.map { Hex.text($0) }, architecture: architecture, schema: schema,
          isStartedAgain: NodeLaunch.isStartedAgain, takesPipelines: takesPipelines, takesModels: takesModels)
        return (connection, gate)
      }, isNews: { agent.update { $0 }?.beatNow() }, complain: { Terminal.complain(of: $0) })
  }

  private static let tokenVariable = "RIDLEY_TOKEN"

  /// What the token is given by; it is in no message, and no process that is started afterwards inherits it.
  ///
  /// One that cannot be read is told and passed over: a box that was enrolled long ago starts without the file.
  static func token(_ arguments: Arguments) throws(Fault) -> TokenWord? {
    let inEnvironment = getenv(tokenVariable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    unsetenv(tokenVariable)
    guard arguments["token"] == nil || arguments["token-file"] == nil else {
      throw arguments.refusal("the token is in a file, or said: --token-file FILE or --token WORD")
    }
    let place = arguments["token-file"] ?? (arguments["token"] == nil ? tokenVariable : "--token")
    do throws(Fault) {
      if let file = arguments["token-file"] {
        return try TokenWord(String(decoding: try FileSystem.read(file, limit: 4096), as: UTF8.self))
      }
      return try (arguments["token"] ?? inEnvironment).map { (word) throws(Fault) in try TokenWord(word) }
    } catch {
      Terminal.complain(of: error.at("the token in \(place) is passed over"))
      return nil
    }
  }
}
