public import Base
internal import Crypto
internal import Glibc

/// Requests to one bucket of an S3 service: signed, tried again where that may help, over connections that are kept.
///
/// Blocks its thread, for any number of them at once.
public final class S3Client: Sendable {
  public struct Settings: Sendable {
    public var connectSeconds = 10
    /// A server that neither takes nor brings a byte for so long is given up.
    public var stallSeconds = 30
    /// One request with its answer.
    public var requestSeconds = 300
    /// For so long a request is tried again where the service is not there, is too busy or breaks off.
    public var retrySeconds = 30.0
    /// How the service encrypts what it stores.
    public var encryption = S3Encryption.none
    /// A file of certificates to trust in place of the system's.
    public var authorities: String?
    /// Seconds since 1970.
    public var clock: @Sendable () -> Int = { Clock.date }

    public init() {}
  }

  public let address: S3Address
  public let settings: Settings
  let identity: any AmazonIdentity
  private let connections: KeptConnections

  /// Nothing is asked yet.
  public init(_ address: S3Address, _ identity: any AmazonIdentity, settings: Settings = Settings()) {
    (self.address, self.settings, self.identity) = (address, settings, identity)
    var limits = ServerConnection.Limits()
    limits.connectSeconds = settings.connectSeconds
    limits.stallSeconds = settings.stallSeconds
    limits.totalSeconds = settings.requestSeconds
    connections = KeptConnections(limits, authorities: settings.authorities)
  }

  /// A client of the same bucket that soon gives up.
  var hasty: S3Client {
    var settings = settings
    (settings.retrySeconds, settings.connectSeconds, settings.stallSeconds) = (0, 2, 5)
    return S3Client(address, identity, settings: settings)
  }

  /// Signs with the credentials that hold now.
  func signer() throws(Fault) -> S3Signer {
    S3Signer(credentials: try identity.credentials(at: settings.clock()), region: address.region)
  }

  /// The answer, whatever its status, but none that may be another a little later.
  ///
  /// - Throws: `unavailable` where the service is not reached, or not able, for ``Settings/retrySeconds``.
  func send(_ request: S3Request, to doing: String) throws(Fault) -> ServerAnswer {
    let end = Clock.now + UInt64(settings.retrySeconds * 1e9)
    var pause = 0.05
    while true {
      let refusal: Fault
      do throws(Fault) {
        let answer = try once(request)
        // Copies and the end of an upload may fail behind a status that was sent before.
        guard !(200...299).contains(answer.status) || request.method == "POST" || request.isCopy else { return answer }
        let failure = S3Failure(answer, clock: settings.clock())
        guard failure.isPassing else { return answer }
        refusal = failure.fault(address, doing)
      } catch {
        guard error.kind == .unavailable else { throw error }
        refusal = error
      }
      // Many clients that were refused together do not come back together.
      let rest = UInt64(pause * Double.random(in: 0.5...1) * 1e9)
      guard Clock.now + rest < end else { throw refusal }
      Clock.sleep(until: Clock.now + rest)
      pause = min(pause * 2, 3)
    }
  }

  /// The same where any status but those of success is a fault.
  func get(_ request: S3Request, to doing: String) throws(Fault) -> ServerAnswer {
    let answer = try send(request, to: doing)
    let failure = S3Failure(answer, clock: settings.clock())
    guard (200...299).contains(answer.status), failure.code.isEmpty else { throw failure.fault(address, doing) }
    return answer
  }

  func fault(of answer: ServerAnswer, to doing: String) -> Fault {
    S3Failure(answer, clock: settings.clock()).fault(address, doing)
  }

  func subject(_ request: S3Request, at server: S3Address.Server) -> S3Signer.Subject {
    S3Signer.Subject(
      method: request.method, host: address.host(of: server), path: address.path(of: request.key, at: server),
      query: request.query, headers: request.headers)
  }

  private func once(_ request: S3Request) throws(Fault) -> ServerAnswer {
    let (subject, signer) = (subject(request, at: address.server), try signer())
    var query = S3Signer.query(request.query)
    var headers = request.headers
    if let fence = request.fence {
      query = signer.query(of: subject, seconds: fence.seconds, date: fence.date)
    } else {
      let digest = request.body.map { SHA256.hex(of: $0) } ?? S3Signer.emptyDigest
      headers += signer.headers(of: subject, digest: digest, date: settings.clock())
    }
    let place = "\(address.server.scheme)://\(subject.host)\(subject.path)"
    var web = ServerRequest(request.method, query.isEmpty ? place : "\(place)?\(query)")
    (web.headers, web.keepsPath) = (headers, true)
    if let body = request.body { web.body = .bytes(body) }
    return try connections.send(web)
  }
}

/// How a service encrypts what it stores (server-side encryption).
public enum S3Encryption: Sendable, Hashable {
  /// As the bucket says.
  case none
  /// With a key of the service's own: `AES256`.
  case service
  /// With a key of its key service, the bucket's own for `nil`: `aws:kms`.
  case keyService(key: String?)

  var headers: [(name: String, value: String)] {
    let name = "x-amz-server-side-encryption"
    switch self {
    case .none: return []
    case .service: return [(name, "AES256")]
    case .keyService(let key): return [(name, "aws:kms")] + (key.map { [("\(name)-aws-kms-key-id", $0)] } ?? [])
    }
  }

  /// `none`, `AES256`, `aws:kms` or `aws:kms:KEY`.
  public init(_ text: String) throws(Fault) {
    switch text {
    case "none", "": self = .none
    case "AES256": self = .service
    case "aws:kms": self = .keyService(key: nil)
    case _ where text.hasPrefix("aws:kms:") && text.utf8.allSatisfy({ 33...126 ~= $0 }):
      self = .keyService(key: String(text.dropFirst(8)))
    default:
      throw Fault(.usage, "'\(text)' is no encryption of an S3 service: none, AES256, aws:kms or aws:kms:KEY")
    }
  }
}

extension S3Request {
  /// A copy within the service.
  var isCopy: Bool { headers.contains { $0.name == "x-amz-copy-source" } }
}
