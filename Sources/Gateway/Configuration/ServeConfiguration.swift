public import Base
public import Catalog
public import Delivery
public import Drift
internal import Library
public import Recordings
public import Serving
public import Web

/// How `ridley serve` serves: what the file of `--config` says, over defaults that suit one machine.
///
/// Paths are as a program in the current folder opens them. What stands on the command line is put over it field by field.
public struct ServeConfiguration: Sendable, Hashable {
  public var listen = ListenAddress(host: "127.0.0.1", port: 8080)
  /// The folder of models: `NAME/VERSION/` below it.
  public var models: String?
  /// The folder of pipelines, `NAME.yaml`.
  public var pipelines: String?
  /// The folder of the library; `nil` for none.
  public var library: String?
  /// Served is what aliases of the library's registry point to, in place of a folder of models.
  public var servesRegistry = false
  /// Files with public keys, PEM: of the registry only versions are served that the owner of one of them has signed; none for all versions.
  public var trust: [String] = []
  /// Addresses of a library that is shared: PostgreSQL, a bucket, Redis.
  public var store: String?
  public var objects: String?
  public var bus: String?
  /// The address of a Redis server through which units on other hosts compute for this one, or of a server that does (`http`, `https`); `nil` for none.
  public var units: String?
  /// Workers for jobs beside the server; `nil` for half of the cores, and at least one.
  public var workers: Int?
  /// Seconds between two looks for models that came, went or changed; `nil` for none but when asked.
  public var poll: Double? = 5
  /// HTTPS with this certificate; `nil` for HTTP.
  public var tls: Certificate?
  /// The file of keys, of which every request then needs one; `nil` for the usual file, where not only this machine can
  /// reach the server.
  public var keys: String?
  /// Proxies that are believed for whom they pass a request on.
  public var trustedProxies: [AddressRange] = []
  public var limits = Limits()
  public var queue = Queue()
  public var trial = Trial()
  /// How much memory all models may take together; `nil` keeps each where it was loaded.
  public var memory: MemoryLimit?
  /// What the server keeps to, with all that it starts; `nil` for what the machine has.
  public var profile: Profile?
  /// Where a profile bounds them: bytes of the newest packets of each stream, for viewers and for recordings each, and streams at a time.
  public var packetBytes: Int?
  public var mostStreams: Int?
  /// Of single models, by name.
  public var settings: [String: ModelSettings] = [:]
  public var log = Log()
  /// Folders below which films may lie that are played as live streams.
  public var films: [String] = []
  /// Everybody who may add streams may watch addresses of this machine and of local networks.
  public var privateSources = false
  /// Live streams that are watched from the start, by client and name.
  public var streams: [Stream] = []

  /// Where traces and logs go, as variables of the environment, which count more where they are set.
  public var telemetry: [String: String] = [:]
  /// How it is watched whether streams drift.
  public var drift = DriftSettings()
  /// Seconds for which events of streams are kept, in the library.
  public var eventAge = LibraryMaintenance.usualEventAge

  /// What of recordings is kept, and how much of the disk stays free.
  public var recordings = RecordingSettings()
  /// Whom it is told what happens in streams; `nil` where the file says nothing of targets.
  public var targets: [DeliveryTarget]?
  /// Everybody who may add targets may have addresses of this machine and of local networks told.
  public var privateTargets = false
  /// When what a target did not take is told again.
  public var pace = DeliveryPace()
  /// Where others reach this server, `https://cameras.example`: what links in notices begin with.
  public var publicAddress: String?
  /// Seconds for which links in notices hold.
  public var linkSeconds = LinkSigner.usualSeconds
  /// Seconds without a picture after which that is an incident.
  public var sourcePatience = 10.0
  /// Bytes of the library's disk below which that is one.
  public var diskReserve = 1 << 30
  /// Seconds for which a notice may wait before that is one.
  public var queuePatience = 600.0

  /// What it is to nodes at the edge, or at the edge itself.
  public var edge = EdgeSettings()

  public init() {}

  /// As jobs know them.
  public enum Profile: String, Sendable, Hashable, CaseIterable {
    case local, edge
  }

  /// A live stream.
  public struct Stream: Sendable, Hashable {
    public var name: String
    public var client: String
    public var source: String
    /// A second address of the same camera, whose picture people are shown.
    public var view: String?
    /// This, or a model, or neither: then it is only shown.
    public var pipeline: String?
    public var model: String?
    public var budgetSeconds = 0.25
    /// Answers a second that are enough; `nil` for as many as the pipeline wants.
    public var rate: Double?
    public var weight = 1.0
    /// Clips of its events are kept; and all that comes of it.
    public var clips: ClipPolicy?
    public var record: RecordPolicy?
  }

  /// Rules of keeping, as far as they are other than usual.
  public struct RecordingSettings: Sendable, Hashable {
    public var keepSeconds: Double?
    public var keepClipsSeconds: Double?
    public var space: Int?
    public var free: Int?

    public init() {}

    public func rules(_ usual: RetentionRules) -> RetentionRules {
      var rules = usual
      if let keepSeconds { rules.keep[.continuous] = keepSeconds }
      if let keepClipsSeconds { rules.keep[.clip] = keepClipsSeconds }
      (rules.space, rules.free) = (space ?? rules.space, free ?? rules.free)
      return rules
    }
  }

  /// Files in PEM.
  public struct Certificate: Sendable, Hashable {
    /// The server's own certificate first, then those that vouch for it.
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
  }

  /// What one client, and all together, may take; as the server has it, but for what is set.
  public struct Limits: Sendable, Hashable {
    private static let usual = Web.Limits()

    /// Bytes of one request's body.
    public var body = 64 << 20
    /// Bytes of all bodies that are in memory at the same time.
    public var bodies = usual.bodyBytesInFlight
    /// Connections in all, and from one address.
    public var connections = usual.connections
    public var connectionsPerAddress = usual.connectionsPerPeer
    /// Seconds for a request's head to come, TLS handshake included.
    public var headSeconds = usual.headSeconds
    /// Seconds that a connection may rest between two requests.
    public var idleSeconds = usual.idleSeconds
    /// Bytes of all answers that wait for their clients at the same time.
    public var answers = usual.answerBytes
    /// Seconds over which is judged how fast a client takes its answer.
    public var stallSeconds = usual.stallSeconds
    /// Bytes a second that a client must take of its answer.
    public var downloadBytesPerSecond = usual.downloadBytesPerSecond
    /// Bytes a second that a body must bring.
    public var uploadBytesPerSecond = usual.uploadBytesPerSecond

    public init() {}
  }

  public struct Queue: Sendable, Hashable {
    /// Inputs that may wait for one model; more are refused with 429.
    public var length = ModelRepository.Options.usualQueue
    /// Seconds after which a request that names no deadline of its own is not worth answering.
    public var timeoutSeconds = 30.0

    public init() {}
  }

  /// What a network may take when it is read, compiled and run for the first time, in a process of its own.
  public struct Trial: Sendable, Hashable {
    public var seconds = ModelRepository.Options.usualTrialSeconds
    /// Bytes; `nil` for three quarters of the machine's.
    public var memory: Int?

    public init() {}
  }

  /// How one model is run; what is `nil` is as `ridley tune` found it, else automatic.
  public struct ModelSettings: Sendable, Hashable {
    public var streams: Int?
    public var threads: Int?
    public var batch: Int?
    public var precision: Precision?
    public var engine: EngineChoice?
    public var queue: Int?
    /// Where it is computed; `nil` for both, where there are units.
    public var unit: UnitPlace?

    public init() {}
  }

  public struct Log: Sendable, Hashable {
    public enum Destination: Sendable, Hashable {
      case off
      case standardOutput
      case file(String)
    }

    /// A line for each request that was answered.
    public var access = Destination.off

    public init() {}
  }
}
