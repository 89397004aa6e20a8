import Base
import Glibc
import OCI

/// How a container registry is asked.
enum ArtifactOptions {
  static let all = [
    Option.flag(
      "plain-http", "ask the registry by http, which anybody on the way can read (this machine's always are)"),
    Option.value("ca", "FILE", "trust the certificates in this file, in place of the system's"),
    Option.flag("json", "from a registry, or to one: print one JSON object"),
  ]

  /// A client for one reference, with the login that is known for it; Ctrl-C ends what it does.
  static func client(
    _ reference: ImageReference, for purpose: RegistryClient.Purpose, _ arguments: Arguments
  ) throws(Fault) -> RegistryClient {
    var settings = RegistryClient.Settings()
    settings.usesPlainHTTP = arguments.has("plain-http")
    settings.source = arguments["from"]
    settings.authorities = arguments["ca"] ?? variable("SSL_CERT_FILE")
    if let file = settings.authorities, FileSystem.kind(of: file) != .file {
      throw Fault(.notFound, "there is no file of certificates at \(file)")
    }
    // Without an authority of its own, a registry on this machine is asked in the open.
    if arguments["ca"] == nil, Authority.isThisMachine(reference.registry) { settings.authorities = nil }
    if let seconds = variable("RIDLEY_REGISTRY_RETRY").flatMap({ Double($0) }), seconds >= 0 {
      settings.retrySeconds = min(seconds, 3600)
    }
    let credentials = try RegistryCredentials.find(reference, environment: variable)
    return try RegistryClient(reference, for: purpose, credentials, settings: settings) { !Interrupt.isAsked }
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
