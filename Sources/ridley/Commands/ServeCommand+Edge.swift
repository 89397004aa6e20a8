import Base
import Crypto
import Edge
import Fleet
import Gateway
import Glibc
import JSON
import Jobs
import Library
import MediaProcess
import Web

/// What a server is to nodes at the edge, and at the edge itself.
struct EdgeServices {
  /// Of a centre.
  var fleet: FleetDesk?
  var door: Server?
  /// Of a node.
  var agent: NodeAgent?
  var ledger: LedgerPart?

  /// Lets nodes in, and looks for the centre; gives what ends that.
  func begin() -> [@Sendable () -> Void] {
    var ends: [@Sendable () -> Void] = []
    if let agent {
      ledger?.start(over: agent)
      agent.start()
      ends.append { [ledger] in
        ledger?.stop()
        agent.stop()
      }
    }
    guard let fleet, let door else { return ends }
    door.start()
    let watch = RepeatingThread(restMilliseconds: 500, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      try fleet.ring.refresh()
    }
    return ends + [{ door.drain(within: 2) }, { watch.stop() }]
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

  func edge(
    _ configuration: ServeConfiguration, _ arguments: Arguments, _ jobs: JobDesk?, _ media: MediaPool
  ) throws(Fault) -> EdgeServices {
    var services = EdgeServices()
    if let listen = configuration.edge.listen {
      guard let library = jobs?.library else {
        throw Fault(.usage, "the fleet of a centre is in its library: name one with --library DIR")
      }
      let files = try door(configuration.edge, library)
      let fleet = try fleet(configuration.edge, library, files, media)
      services.door = try Server(doorOptions(listen, files), handler: EdgeDoor(fleet))
      services.fleet = fleet
      let place = ListenAddress(host: listen.host, port: services.door?.port ?? listen.port)
      Terminal.complain("ridley: nodes come in at https://\(place.text)\n")
    }
    (services.agent, services.ledger) = try agent(configuration.edge, arguments, jobs?.library)
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
      let file = "\(try NodeFolder(library: library.path).path)/door.pem"
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
    let ledger = try LedgerDesk(library, examiner: PoolExaminer(media)) { Terminal.complain(of: $0) }
    return try FleetDesk(book, pins: pins, bundleKeys: keys, ledger: ledger) { Terminal.complain(of: $0) }
  }

  private func doorOptions(_ listen: ListenAddress, _ files: ServerOptions.TLS) -> ServerOptions {
    var options = ServerOptions()
    (options.address, options.port, options.tls) = (listen.host, listen.port, files)
    options.limits.bodyBytesInFlight = 256 << 20
    options.limits.connections = connections(4096)
    options.limits.connectionsPerPeer = 1024
    return options
  }

  // MARK: a node

  private func agent(
    _ settings: EdgeSettings, _ arguments: Arguments, _ library: Library?
  ) throws(Fault) -> (NodeAgent?, LedgerPart?) {
    let token = try Self.token(arguments)
    guard let address = arguments["join"] ?? settings.join else {
      guard token == nil else { throw arguments.refusal("a token is for a centre: say which, with --join URL") }
      return (nil, nil)
    }
    guard let library else {
      throw Fault(.usage, "a node keeps what it sees in a library of its own: name one with --library DIR")
    }
    let outbox = Outbox(library, settings.rules) { Terminal.complain(of: $0) }
    let ledger = try LedgerPart(outbox) { Terminal.complain(of: $0) }
    let agent = try NodeAgent(
      try NodeFolder(library: library.path), centre: try CentreAddress(address), token: token,
      parts: [NodeHealth(library), ledger], clock: { outbox.clock.moment.monotonic }
    ) { Terminal.complain(of: $0) }
    try agent.enrolFirst()
    return (agent, ledger)
  }

  private static let tokenVariable = "RIDLEY_TOKEN"

  /// What the token is given by; it is in no message, and no process that is started from here inherits it.
  ///
  /// One that cannot be read is told and passed over: a box that was enrolled long ago starts without the file.
  private static func token(_ arguments: Arguments) throws(Fault) -> TokenWord? {
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

/// How a node's program and disk are.
private struct NodeHealth: NodePart {
  let name = "health"
  private let library: Library
  private let began = Clock.now

  init(_ library: Library) { self.library = library }

  func report() -> [UInt8]? {
    JSONWriter.object(capacity: 256) { json in
      json.field("version", Version.text)
      json.field("seconds", Int((Clock.now - began) / 1_000_000_000))
      json.field("disk_free", ifKnown: try? FileSystem.freeByteCount(in: library.path))
    }
  }
}
