import Base
import Deploy
import Gateway
import Objects
import Pipelines
import Streams

/// How commands name a blueprint, and how it is read.
enum DeployPlace {
  static let position = Positional(name: "site", help: "the blueprint, a file of YAML (docs/blueprint.md)")
  static let stage = Option.value("stage", "NAME", "the stage that is laid over it, where it has stages")
  static let adopt = Option.flag("adopt", "take over what is there already and was made by others")
  static let json = Option.flag("json", "print one JSON object")

  private static let addresses = SiteAddresses { (text) throws(Fault) in try StreamSource(text).shown }

  /// One stage of a blueprint, without its secrets.
  static func read(_ path: String, _ bytes: [UInt8], stage: String?) throws(Fault) -> Site {
    let folder = FileSystem.folder(of: path)
    let surroundings = SiteSurroundings(
      addresses: addresses, startupKeys: ServeConfiguration.keys,
      checkStartup: { (part, name) throws(Fault) in
        _ = try ServeConfiguration.read(part, name: name, folder: folder)
      }, checkPipeline: { (bytes, name) throws(Fault) in _ = try PipelineFile.read(bytes: bytes, name: name) })
    return try Site.read(bytes, name: path, folder: folder, stage: stage, surroundings)
  }

  /// A blueprint and its servers, with the secrets that both need; each answer of a server is there `within` seconds, or it has failed.
  static func open(_ path: String, stage: String?, within: Double? = nil) throws(Fault) -> (
    site: Site, deployment: Deployment
  ) {
    let site = try read(path, try FileSystem.read(path, limit: 1 << 20), stage: stage).resolved(addresses)
    let link = try ServerLink(site, within: within)
    return (site, Deployment(site, at: FileSystem.absolute(path), over: link))
  }
}

/// The servers of a blueprint over HTTP.
final class ServerLink: DeployLink {
  private var servers: [String: RemoteServer] = [:]

  init(_ site: Site, within: Double?) throws(Fault) {
    var limits = ServerConnection.Limits()
    limits.totalSeconds = within.map { Int(min(86_400, max(1, $0.rounded(.up)))) }
    for server in site.servers {
      let place = try ServerAddress(server.address)
      let key = try server.key?.resolve()
      if key != nil, place.isReadable {
        Terminal.complain(
          "ridley: the key goes to \(place.host) unencrypted: use https where others share the network\n")
      }
      servers[server.name] = try RemoteServer(place, key: key, limits)
    }
  }

  func answer(to request: DeployRequest) throws(Fault) -> [UInt8] {
    guard let server = servers[request.server] else {
      throw Fault(.bug, "the server '\(request.server)' is not in the blueprint")
    }
    let path = request.path.map { "/" + RemoteServer.encoded($0) }.joined()
    return try server.get(
      request.method, path, [("client", request.client), ("alias", request.alias)], json: request.json)
  }
}
