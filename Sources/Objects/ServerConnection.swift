public import Base
internal import CCurl

/// Requests to one HTTP server, one after the other, over a connection that is kept.
///
/// Certificates are checked and no redirect is followed, so that what a request shows of its sender goes to its own host alone. Every wait
/// has an end. Blocks its thread: not for the shared pool, and for one thread at a time.
@safe public final class ServerConnection {
  public struct Limits: Sendable {
    public var connectSeconds = 15
    /// A server that neither takes nor brings a byte for so long is given up.
    public var stallSeconds = 120
    /// The whole answer is there within so long, or the request has failed.
    public var totalSeconds: Int?
    /// Of an answer that goes into memory.
    public var answerByteCount = 64 << 20
    /// Whether addresses may be asked that are not of the open network: this machine's, a local network's.
    ///
    /// It is the address behind the name that counts, as it is when the connection is made; and no proxy is asked then.
    public var reachesPrivate = true
    /// Whether the proxy that the environment names is asked, behind which nobody sees whose address is.
    public var asksProxy = true

    public init() {}
  }

  /// For TLS between two who know each other's keys, in place of authorities and names.
  public struct PinnedPeer: Sendable, Hashable {
    /// The file with this side's private key and certificate, in PEM form.
    public var identity: String
    /// SHA-256 of public keys (SubjectPublicKeyInfo, DER), 32 bytes each, of which the server has to hold one; not empty.
    public var pins: [[UInt8]]

    public init(identity: String, pins: [[UInt8]]) { (self.identity, self.pins) = (identity, pins) }

    fileprivate var pinText: String { pins.map { "sha256//" + Base64.encode($0) }.joined(separator: ";") }
  }

  private let handle: UnsafeMutableRawPointer
  private let limits: Limits
  /// A file of certificates to trust in place of the system's.
  private let authorities: String?
  private let peer: PinnedPeer?

  /// With `peer` only https is spoken, and only with who holds one of its keys.
  public init(limits: Limits = Limits(), authorities: String? = nil, peer: PinnedPeer? = nil) throws(Fault) {
    precondition(peer?.pins.isEmpty != true, "a server whose key is pinned, without a key")
    (self.limits, self.authorities, self.peer) = (limits, authorities, peer)
    unsafe handle = try Curl.handle()
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  /// Whether the server that was asked last has an address of the open network; `nil` where none was connected to.
  var isOutside: Bool? {
    var text = unsafe UnsafeMutablePointer<CChar>?.none
    _ = unsafe ridley_curl_get_text(handle, CURLINFO_PRIMARY_IP, &text)
    guard let number = unsafe text.map({ unsafe String(cString: $0) }), !number.isEmpty else { return nil }
    return SocketAddress(number: number, port: 0)?.isPublic ?? true
  }

  /// The server that was asked last wants to be told in the open who asks: it offers Basic authentication, and no digest.
  var wantsPlainLogin: Bool {
    var found = 0
    _ = unsafe ridley_curl_get_long(handle, CURLINFO_HTTPAUTH_AVAIL, &found)
    return found & Self.basic != 0 && found & Self.digest == 0
  }

  /// `CURLAUTH_BASIC` and `CURLAUTH_DIGEST`, which are macros with a cast.
  private static let (basic, digest) = (1 << 0, 1 << 1)

  /// Sends a request and waits for the whole answer, of any status.
  ///
  /// The body of an answer of 200 to 299 goes into the sink, where there is one, and before that `head` is told what was answered. `goesOn` is called at least once a second with the bytes
  /// that were sent; when it answers `false` the request ends with the fault `closed`.
  ///
  /// - Throws: `unavailable` where no whole answer came: it is not known then whether the server did what was asked; `usage` for what is
  ///   no address; `denied` for one that ``Limits/reachesPrivate`` forbids; what the sink throws.
  public func send(
    _ request: ServerRequest, into sink: (([UInt8]) throws(Fault) -> Void)? = nil,
    goesOn: (Int) -> Bool = { _ in true }, head: ((ServerAnswer) throws(Fault) -> Void)? = nil
  ) throws(Fault) -> ServerAnswer {
    let address = Address(request.address)
    try Curl.checkAsked(address)
    let result = withoutActuallyEscaping(goesOn) { goesOn in
      attempt(request, address, (head, sink), goesOn)
    }
    return try result.get()
  }

  private func attempt(
    _ request: ServerRequest, _ address: Address, _ takers: ServerExchange.Takers, _ goesOn: @escaping (Int) -> Bool
  ) -> Result<ServerAnswer, Fault> {
    let exchange: ServerExchange
    do { exchange = try ServerExchange(request, limits.answerByteCount, takers, goesOn) } catch {
      return .failure(error)
    }
    unsafe curl_easy_reset(handle)
    configure(request, address)
    guard isPinned() else {
      let message = "this system's libcurl cannot pin the key of \(address.host), which was not asked"
      return .failure(Fault(.unsupported, message))
    }
    let list = unsafe Self.list(request.headers)
    defer { unsafe curl_slist_free_all(list) }
    unsafe _ = ridley_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    unsafe exchange.attach(to: handle)
    let gate = PublicGate()
    if !limits.reachesPrivate { unsafe gate.attach(to: handle) }
    let code = unsafe curl_easy_perform(handle)
    if let refusal = exchange.refusal { return .failure(refusal) }
    if code == CURLE_COULDNT_CONNECT, gate.isReason {
      return .failure(Fault(.denied, PublicGate.words(address.host)))
    }
    guard code == CURLE_OK else { return .failure(fault(code, address)) }
    exchange.answer.status = unsafe Curl.status(of: handle)
    exchange.tellHead()
    if let refusal = exchange.refusal { return .failure(refusal) }
    return .success(exchange.answer)
  }

  private func configure(_ request: ServerRequest, _ address: Address) {
    var texts: [(CURLoption, String)] = [
      (CURLOPT_URL, address.whole), (CURLOPT_PROTOCOLS_STR, peer == nil ? "http,https" : "https"),
      (CURLOPT_USERAGENT, "ridley"),
    ]
    // What is on this machine is never behind a proxy.
    let asksProxy = limits.asksProxy && limits.reachesPrivate && !Authority.isThisMachine(address.host)
    if !asksProxy { texts.append((CURLOPT_NOPROXY, "*")) }
    if let authorities { texts.append((CURLOPT_CAINFO, authorities)) }
    var numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_SSL_VERIFYPEER, peer == nil ? 1 : 0),
      (CURLOPT_SSL_VERIFYHOST, peer == nil ? 2 : 0),
      (CURLOPT_NOPROGRESS, 0), (CURLOPT_CONNECTTIMEOUT, limits.connectSeconds), (CURLOPT_LOW_SPEED_LIMIT, 1),
      (CURLOPT_LOW_SPEED_TIME, limits.stallSeconds), (CURLOPT_TIMEOUT, limits.totalSeconds ?? 0),
    ]
    if let peer { texts += [(CURLOPT_SSLCERT, peer.identity), (CURLOPT_SSLKEY, peer.identity)] }
    if let login = request.login {
      texts += [(CURLOPT_USERNAME, login.user), (CURLOPT_PASSWORD, login.password)]
      // Of both the digest is chosen, of MD5 or SHA-256.
      numbers.append((CURLOPT_HTTPAUTH, login.isPlain ? Self.basic : Self.basic | Self.digest))
    }
    if let milliseconds = request.milliseconds { numbers.append((CURLOPT_TIMEOUT_MS, milliseconds)) }
    if request.keepsPath { numbers.append((CURLOPT_PATH_AS_IS, 1)) }
    if request.method == "HEAD" { numbers.append((CURLOPT_NOBODY, 1)) }
    if request.body.byteCount != nil { numbers.append((CURLOPT_UPLOAD, 1)) }
    if request.method != "GET", request.method != "HEAD" { texts.append((CURLOPT_CUSTOMREQUEST, request.method)) }
    unsafe Curl.set(texts, numbers, on: handle)
    if let count = request.body.byteCount {
      unsafe _ = ridley_curl_set_large(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(count))
    }
  }

  /// Nothing else stands between a pinned peer and whoever has its address; not every TLS library of libcurl's can do it.
  ///
  /// Before TLS 1.3 a server may have no certificate at all, and then libcurl looks at no pin.
  private func isPinned() -> Bool {
    guard let peer else { return true }
    return unsafe ridley_curl_set_text(handle, CURLOPT_PINNEDPUBLICKEY, peer.pinText) == CURLE_OK
      && ridley_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_3)) == CURLE_OK
  }

  /// The headers for libcurl, to be freed by the caller; a server is not asked whether it wants a body at all, which costs a second where it
  /// does not know the question.
  private static func list(_ headers: [(name: String, value: String)]) -> UnsafeMutablePointer<curl_slist>? {
    var list = unsafe UnsafeMutablePointer<curl_slist>?.none
    for line in headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
      unsafe list = curl_slist_append(list, line)
    }
    return unsafe list
  }

  private func fault(_ code: CURLcode, _ address: Address) -> Fault {
    let cause = unsafe String(cString: curl_easy_strerror(code))
    let host = address.host
    if code == CURLE_SSL_PINNEDPUBKEYNOTMATCH {
      let message = "\(host) holds another key than the one that was pinned: nothing was sent to it"
      return Fault(.denied, message, cause: cause)
    }
    if code == CURLE_SSL_CERTPROBLEM, let peer {
      return Fault(.badInput, "\(peer.identity) holds no key and certificate in PEM form", cause: cause)
    }
    let message =
      switch code {
      case CURLE_URL_MALFORMAT: "\(address.shown) is not an address"
      case CURLE_COULDNT_RESOLVE_HOST: "no network, or no server named \(host)"
      case CURLE_COULDNT_RESOLVE_PROXY: "the proxy's name is not known: \(host) was not asked"
      case CURLE_COULDNT_CONNECT: "\(host) takes no connection: is the server running, and the port right?"
      case CURLE_OPERATION_TIMEDOUT: "\(host) does not answer in time"
      case CURLE_PEER_FAILED_VERIFICATION:
        "the certificate of \(host) could not be verified: name the file of its authority's certificate in SSL_CERT_FILE"
      case CURLE_SSL_CACERT_BADFILE: "the file of certificates \(authorities ?? "of this system") cannot be read"
      case CURLE_SSL_CONNECT_ERROR: "no secure connection to \(host): does it speak https there, or http?"
      case CURLE_GOT_NOTHING where address.scheme == "http", CURLE_RECV_ERROR where address.scheme == "http":
        "the connection to \(host) broke before an answer came: does the server speak https there?"
      case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM,
        CURLE_SEND_FAIL_REWIND:
        "the connection to \(host) broke"
      default: "\(address.shown) gave no answer: \(cause)"
      }
    return Fault(code == CURLE_URL_MALFORMAT ? .usage : .unavailable, message, cause: cause)
  }
}
