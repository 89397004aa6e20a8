public import Base
internal import Crypto
public import YAML

/// A blueprint as it was read, with one of its stages laid over it: the servers, and what they shall have.
public struct Site: Sendable {
  /// A running server.
  public struct Server: Sendable, Hashable {
    public let name: String
    /// `https://host:port`.
    public let address: String
    /// Where the key is that it is shown; `nil` for none.
    public let key: SecretReference?
    /// Whose things are meant there, where a thing does not say.
    let client: String
  }

  /// The document, as faults name it.
  public let name: String
  /// The stage, or ``usualStage``.
  public let stage: String
  /// Of the document, the stage, and the files of pipelines.
  public private(set) var digest: String
  /// By name.
  public internal(set) var servers: [Server] = []
  /// Sorted by key, each once.
  public internal(set) var things: [Thing] = []
  /// The keys of `serve --config` that stand in it: servers read them when they are started, and not from here.
  public internal(set) var startup: [String] = []

  /// Of a document without stages.
  public static let usualStage = "default"

  init(_ bytes: [UInt8], name: String, stage: String?) {
    (self.name, self.stage) = (name, stage ?? Self.usualStage)
    digest = SHA256.hex(of: bytes + [0] + Array((stage ?? "").utf8))
  }

  /// Counts a file that belongs to the document.
  mutating func add(_ file: [UInt8]) { digest = SHA256.hex(of: Array(digest.utf8) + file) }

  /// Reads one stage of a document; `nil` is for a document without stages.
  ///
  /// Relative paths of secrets are meant from `folder`. Secrets are not fetched.
  ///
  /// - Throws: `badInput` with everything that is wrong, each with `name:line:column`; `usage` for a stage that is not there.
  public static func read(
    _ bytes: [UInt8], name: String, folder: String, stage: String?, _ surroundings: SiteSurroundings
  ) throws(Fault) -> Site {
    let document = try YAMLDocument.parse(bytes, name: name)
    let root = try SiteStages.merge(document, stage: stage)
    var reader = SiteReader(Site(bytes, name: name, stage: stage), folder: folder, surroundings)
    reader.noteSecrets(in: document)
    return try reader.read(SiteReader.concealed(root))
  }

  /// The same site with the secrets of its things, from where the blueprint says that they are.
  public func resolved(_ addresses: SiteAddresses) throws(Fault) -> Site {
    var site = self
    for (index, thing) in things.enumerated() { site.things[index] = try thing.resolved(addresses) }
    return site
  }
}

/// What other rooms know of a blueprint's parts.
public struct SiteSurroundings: Sendable {
  let addresses: SiteAddresses
  /// Keys of `serve --config`.
  let startupKeys: [String]
  /// Reads a document of such keys as a server would.
  let checkStartup: @Sendable (YAMLNode, _ name: String) throws(Fault) -> Void
  /// Reads a document of a pipeline as a server would.
  let checkPipeline: @Sendable ([UInt8], _ name: String) throws(Fault) -> Void

  /// Both throw what a server would refuse, with its place.
  public init(
    addresses: SiteAddresses, startupKeys: [String],
    checkStartup: @escaping @Sendable (YAMLNode, _ name: String) throws(Fault) -> Void,
    checkPipeline: @escaping @Sendable ([UInt8], _ name: String) throws(Fault) -> Void
  ) {
    (self.addresses, self.startupKeys) = (addresses, startupKeys)
    (self.checkStartup, self.checkPipeline) = (checkStartup, checkPipeline)
  }
}
