/// What a server lets a client have; each field has the default that suits a server that every machine may reach.
public struct Limits: Sendable {
  /// Bytes of a request's head, its first line included; more is refused with 431.
  public var headBytes = 64 << 10
  /// Headers of a request; more are refused with 431.
  public var headerCount = 128
  /// Bytes of a request's target, path and query together; more are refused with 414.
  public var targetBytes = 8 << 10
  /// Seconds from a head's first byte, or from a connection's start (TLS handshake included), to the head's last byte.
  public var headSeconds = 10.0
  /// Seconds that a connection may stay open between requests.
  public var idleSeconds = 60.0
  /// Bytes a second that a client must send of a body, averaged over `uploadSeconds`; slower ones are refused with 408.
  public var uploadBytesPerSecond = 16 << 10
  /// Seconds over which the speed of an upload is judged.
  public var uploadSeconds = 10.0
  /// Bytes a second that a client must take of an answer, averaged over `stallSeconds`; slower ones are cut off.
  public var downloadBytesPerSecond = 16 << 10
  /// Seconds over which is judged how fast a client takes its answer.
  public var stallSeconds = 30.0
  /// Seconds that a connection is kept for the client to read a last answer before it is closed for good.
  public var lingerSeconds = 2.0
  /// Bytes that a client may send ahead of the answer to its current request before no more are taken from it.
  public var pipelinedBytes = 64 << 10
  /// Bytes of a body that is not wanted that are read away to keep the connection; above, it is closed behind the answer.
  public var discardedBytes = 64 << 10
  /// Connections in all; further ones are told 503 and closed.
  public var connections = 8192
  /// Connections from one address (one /64 of IPv6).
  public var connectionsPerPeer = 4096
  /// Bytes of bodies in memory over all requests, counted as they come until they are let go; 503 beyond it.
  ///
  /// Of several that send them each gets no more than is still free for the others.
  public var bodyBytesInFlight = 1 << 30
  /// Bytes of answers that wait for their clients to take them, shared out likewise; who leaves more lying is cut off.
  public var answerBytes = 512 << 20
  /// Streams of one HTTP/2 connection that may be open at once.
  public var streams = 100
  /// Bytes that a client may send on one HTTP/2 stream before they are taken from it.
  public var streamWindow = 1 << 20
  /// Bytes that a client may send on all streams of an HTTP/2 connection before they are taken from it.
  public var connectionWindow = 8 << 20
  /// Streams that a client may reset, or get reset, on one HTTP/2 connection within `resetSeconds`; above, the connection is closed.
  public var resets = 200
  /// Seconds over which resets are counted.
  public var resetSeconds = 10.0
  /// Proxies that are believed for whom they pass a request on (`X-Forwarded-For`): limits of a client are those clients', and these
  /// themselves may have as many connections as there are.
  public var trustedProxies: [AddressRange] = []

  public init() {}
}

/// Where and how a server listens.
public struct ServerOptions: Sendable {
  /// An address of this machine or a name of one: `127.0.0.1`, `::1`, `localhost`; `0.0.0.0` or `::` for all of them.
  public var address = "127.0.0.1"
  /// 0 for any free one, which ``Server/port`` then tells.
  public var port = 0
  /// Takes connections from this socket, and has no address of its own.
  public var passed: PassedSocket?
  /// Connections that the system keeps waiting to be accepted.
  public var backlog = 1024
  /// Threads that serve connections; 0 for half as many as there are processors, at most 8.
  public var loops = 0
  /// Threads on which sinks of bodies work, and as many again on which sources of answers do; made when they are first needed.
  public var bodyThreads = 8
  /// Speaks TLS where it is set.
  public var tls: TLS?
  public var limits = Limits()

  /// Files for TLS.
  public struct TLS: Sendable {
    /// The certificate and those above it, in PEM form.
    public var certificate: String
    /// Its private key, in PEM form.
    public var key: String
    /// Clients are asked for a certificate: any is taken, and ``Request/clientKey`` says whose it is.
    public var asksClients = false

    public init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
  }

  public init() {}
}
