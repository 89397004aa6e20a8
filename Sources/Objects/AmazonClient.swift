public import Base
internal import Crypto

/// Requests to one service of Amazon's that speaks JSON (`X-Amz-Target`): signed, over connections that are kept, none tried again here.
///
/// Blocks its thread, for any number of them at once.
public final class AmazonClient: Sendable {
  public struct Settings: Sendable {
    public var connectSeconds = 5
    /// A server that neither takes nor brings a byte for so long is given up.
    public var stallSeconds = 10
    /// One request with its answer.
    public var requestSeconds = 30
    /// A file of certificates to trust in place of the system's.
    public var authorities: String?
    /// Seconds since 1970.
    public var clock: @Sendable () -> Int = { Clock.date }

    public init() {}
  }

  private let server: S3Address.Server
  private let identity: any AmazonIdentity
  private let (region, service): (String, String)
  private let settings: Settings
  private let connections: KeptConnections

  /// Nothing is asked yet.
  ///
  /// `service` is as signatures name it (`dynamodb`), `endpoint` `https://HOST` or `http://HOST:PORT`.
  ///
  /// - Throws: `usage` for what is no endpoint.
  public init(
    _ service: String, region: String, endpoint: String, _ identity: any AmazonIdentity, settings: Settings = Settings()
  ) throws(Fault) {
    do { server = try S3Address.Server(endpoint) } catch {
      throw Fault(.usage, "that is no endpoint: write https://HOST or http://HOST:PORT, without a user")
    }
    (self.region, self.service, self.identity, self.settings) = (region, service, identity, settings)
    var limits = ServerConnection.Limits()
    limits.connectSeconds = settings.connectSeconds
    limits.stallSeconds = settings.stallSeconds
    limits.totalSeconds = settings.requestSeconds
    connections = KeptConnections(limits, authorities: settings.authorities)
  }

  /// Of the server, with its port where that is unusual.
  public var host: String { server.host }

  /// The answer, whatever its status; `target` is what is to be done, with the service's version in front.
  ///
  /// - Throws: `unavailable` where no whole answer came: it is not known then whether the service did what was asked.
  public func send(_ target: String, _ body: [UInt8]) throws(Fault) -> ServerAnswer {
    let date = settings.clock()
    let signer = S3Signer(credentials: try identity.credentials(at: date), region: region, service: service)
    let path = server.path + "/"
    let headers = [(name: "Content-Type", value: "application/x-amz-json-1.0"), ("X-Amz-Target", target)]
    let subject = S3Signer.Subject(method: "POST", host: server.host, path: path, headers: headers)
    var request = ServerRequest("POST", "\(server.scheme)://\(server.host)\(path)")
    request.headers =
      headers + signer.headers(of: subject, digest: SHA256.hex(of: body), date: date)
    (request.body, request.keepsPath) = (.bytes(body), true)
    return try connections.send(request)
  }
}
