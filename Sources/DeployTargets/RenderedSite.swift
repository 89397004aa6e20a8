public import Base
public import YAML

/// What a site says of how it is deployed, its stage put over it: all that files are rendered from.
public struct RenderedSite: Sendable, Hashable {
  /// What one kind of process has, and how many there are.
  public struct Share: Sendable, Hashable {
    public var replicas: Int
    /// Cores of one, in steps of a thousandth.
    public var cores: Double
    /// Memory of one, in MiB.
    public var memory: Int
    /// Disk of one for films and what is computed from them, in MiB.
    public var disk: Int

    public init(replicas: Int, cores: Double, memory: Int, disk: Int) {
      (self.replicas, self.cores, self.memory, self.disk) = (replicas, cores, memory, disk)
    }
  }

  /// Where a part of a shared library is.
  public enum Address: Sendable, Hashable {
    /// It stands in the file, and has no secret in it.
    case plain(String)
    /// The environment variable of whoever deploys that holds it.
    case variable(String)
  }

  /// Networks that pods may reach, and the namespace that may reach them, as a cluster's policies name them.
  public struct Networks: Sendable, Hashable {
    /// Ranges of addresses; `nil` is a range of documents, with a word that it is to be changed.
    public var store: String?
    public var bus: String?
    public var objects: String?
    public var cameras: String?
    public var targets: String?
    public var telemetry: String?
    public var units: String?
    /// The namespace of the ingress.
    public var callers = "ingress-nginx"

    public init() {}
  }

  /// A task's function.
  public struct Function: Sendable, Hashable {
    /// In MiB, as the platform counts.
    public var memory = 3008
    public var disk = 10_240
    /// Items of a job at the same time.
    public var items = 100

    public init() {}
  }

  /// Small letters, digits and `-`.
  public var name: String
  public var stage: String?
  /// With its registry, and best with its digest.
  public var image: String
  public var server = Share(replicas: 2, cores: 2, memory: 4096, disk: 36_864)
  /// The site says itself how many servers there are.
  public var countsServers = false
  public var worker = Share(replicas: 3, cores: 1, memory: 2048, disk: 36_864)
  /// As many workers as there is work, up to so many; `nil` where they are always there.
  public var mostWorkers: Int?
  public var store: Address?
  public var objects: Address?
  public var bus: Address?
  /// Where live streams come from, and where those whom servers tell of them are; a film's is a path.
  public var sources: [Address] = []
  public var targets: [Address] = []
  public var networks = Networks()
  public var function = Function()
  /// Settings of servers that stand beside, as `ridley serve --config` reads them.
  public var settings: [YAMLEntry] = []
  /// Variables of the environment in which secrets of settings are.
  public var secrets: [String] = []
  public var costs: CostQuestion?

  public init(name: String, image: String) { (self.name, self.image) = (name, image) }

  /// The name of a site at a stage: a project of Compose, a namespace of Kubernetes, a stack.
  public var title: String { stage.map { "\(name)-\($0)" } ?? name }

  /// One server of its own watches live streams, where several share a library.
  public var watchesStreams: Bool { !sources.isEmpty }

  /// As a platform has it: Compose has one server, unless the site wants more than that.
  func fitted(to target: RenderTarget) -> RenderedSite {
    var site = self
    if target == .compose, !countsServers { site.server.replicas = 1 }
    return site
  }

  /// Several machines may work on one library.
  public var isShared: Bool { store != nil }

  /// Settings that rendering decides itself.
  static let ownSettings: Set<String> = ["listen", "workers", "library", "tls"]
  /// Settings that become variables of the environment.
  static let addressKeys: Set<String> = ["store", "objects", "bus"]
  /// Settings that name files or folders.
  static let pathKeys: Set<String> = ["models", "pipelines", "keys", "trust", "films"]
}

extension RenderedSite.Address {
  /// The address of a table of DynamoDB: `dynamodb://REGION/TABLE`.
  var isDynamoDB: Bool { if case .plain(let text) = self { text.hasPrefix("dynamodb://") } else { false } }
}

/// What is asked about money.
public struct CostQuestion: Sendable, Hashable {
  /// The price file, as the site names it.
  public var prices: String
  /// Machines of the price file: one paid by the hour, one paid by use, and one with a GPU.
  public var machine: String
  public var function: String?
  public var gpu: String?
  /// Files of the pipelines whose work is counted.
  public var pipelines: [String]
  /// What an hour of video is like.
  public var size = Size(width: 1920, height: 1080)
  public var codec = "h264"
  public var fps = 25.0

  public init(prices: String, machine: String, pipelines: [String]) {
    (self.prices, self.machine, self.pipelines) = (prices, machine, pipelines)
  }
}
