public import Base
internal import CCurl
internal import Glibc

/// Connects to a server by TLS, through the gate that keeps strangers' wishes away from local networks.
///
/// What is given is a plain end of a local connection, so that it can be handed to a process that may open nothing: a thread here speaks TLS, by libcurl,
/// until one side hangs up.
public enum OutgoingTunnel {
  /// Whom to believe.
  public struct Trust: Sendable, Hashable {
    /// A file of certificates to trust in place of the system's.
    public var authorities: String?
    /// `sha256//` and in Base64 the digest of the one public key that the server has to show; no authority is asked about it then.
    public var key: String?

    public init(authorities: String? = nil, key: String? = nil) { (self.authorities, self.key) = (authorities, key) }
  }

  /// Blocks until the server has shown who it is.
  ///
  /// - Throws: `denied` for an address that may not be reached, and for a server that is not who it should be; `unavailable` where nobody answers.
  public static func open(
    host: String, port: Int, trust: Trust, reachesPrivate: Bool, seconds: Int
  ) throws(Fault) -> Outgoing {
    let shown = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let line = unsafe TunnelLine(try Curl.handle())
    line.configure("https://\(shown)/", trust, reachesPrivate: reachesPrivate, seconds)
    if !reachesPrivate { unsafe line.gate.attach(to: line.handle) }
    let code = unsafe curl_easy_perform(line.handle)
    if line.gate.isReason, code != CURLE_OK { throw Fault(.denied, PublicGate.words("'\(host)'")) }
    guard code == CURLE_OK else { throw fault(code, shown, trust) }
    let socket = line.socket
    guard socket >= 0 else { throw Fault(.unavailable, "the connection to '\(shown)' broke") }
    let isOutside = SocketAddress(of: socket, isPeer: true)?.isPublic ?? true
    let pair = try SocketPair.make()
    NativeThread {
      line.run(socket, pair.here)
      close(pair.here)
    }.leave()
    return Outgoing(descriptor: pair.there, isOutside: isOutside)
  }

  private static func fault(_ code: CURLcode, _ shown: String, _ trust: Trust) -> Fault {
    let cause = unsafe String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return Fault(.notFound, "nobody is called '\(shown)'", cause: cause)
    case CURLE_COULDNT_CONNECT: return Fault(.unavailable, "'\(shown)' takes no connections", cause: cause)
    case CURLE_OPERATION_TIMEDOUT: return Fault(.unavailable, "'\(shown)' does not answer", cause: cause)
    case CURLE_PEER_FAILED_VERIFICATION:
      let way =
        "name the file of its authority's certificate in SSL_CERT_FILE, or the one key that it has behind its address: '#key=sha256//…'"
      return Fault(.denied, "the certificate of '\(shown)' could not be verified: \(way)", cause: cause)
    case CURLE_SSL_CACERT_BADFILE:
      return Fault(
        .unavailable, "the file of certificates \(trust.authorities ?? "of this system") cannot be read", cause: cause)
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Fault(.denied, "'\(shown)' shows another key than the one that stands behind its address", cause: cause)
    case CURLE_SSL_CONNECT_ERROR:
      return Fault(.unavailable, "'\(shown)' makes no secure connection: does it speak TLS at this port?", cause: cause)
    default: return Fault(.unavailable, "'\(shown)' cannot be reached", cause: cause)
    }
  }
}

/// The thread's side of a tunnel: owns the handle, which one thread at a time uses.
@safe private final class TunnelLine: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer
  let gate = PublicGate()

  init(_ handle: UnsafeMutableRawPointer) { unsafe self.handle = handle }

  deinit { unsafe curl_easy_cleanup(handle) }

  func configure(_ address: String, _ trust: OutgoingTunnel.Trust, reachesPrivate: Bool, _ seconds: Int) {
    var texts: [(CURLoption, String)] = [
      (CURLOPT_URL, address), (CURLOPT_PROTOCOLS_STR, "https"), (CURLOPT_NOPROXY, "*"),
    ]
    if let authorities = trust.authorities { texts.append((CURLOPT_CAINFO, authorities)) }
    if let key = trust.key { texts.append((CURLOPT_PINNEDPUBLICKEY, key)) }
    let asksAuthority = trust.key == nil
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_CONNECT_ONLY, 1), (CURLOPT_SSL_ENABLE_ALPN, 0),
      (CURLOPT_CONNECTTIMEOUT, seconds), (CURLOPT_SSL_VERIFYPEER, asksAuthority ? 1 : 0),
      (CURLOPT_SSL_VERIFYHOST, asksAuthority ? 2 : 0),
    ]
    unsafe Curl.set(texts, numbers, on: handle)
  }

  var socket: Int32 {
    var socket = curl_socket_t(-1)
    _ = unsafe ridley_curl_get_socket(handle, CURLINFO_ACTIVESOCKET, &socket)
    return socket
  }

  /// Until one side hangs up.
  func run(_ outer: Int32, _ inner: Int32) {
    var (inbound, outbound) = (ArraySlice<UInt8>(), ArraySlice<UInt8>())
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var moved = false
      if inbound.isEmpty {
        var count = 0
        let code = unsafe curl_easy_recv(handle, &block, block.count, &count)
        guard code == CURLE_AGAIN || code == CURLE_OK && count > 0 else { return }
        if code == CURLE_OK { (inbound, moved) = (block[..<count], true) }
      }
      if !inbound.isEmpty {
        guard let count = Flow.send(inbound, to: inner) else { return }
        inbound.removeFirst(count)
        moved = moved || count > 0
      }
      if outbound.isEmpty {
        let count = unsafe recv(inner, &block, block.count, Int32(MSG_DONTWAIT))
        guard count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR) else { return }
        if count > 0 { (outbound, moved) = (block[..<count], true) }
      }
      if !outbound.isEmpty {
        var count = 0
        let code = unsafe outbound.withUnsafeBytes { unsafe curl_easy_send(handle, $0.baseAddress, $0.count, &count) }
        guard code == CURLE_OK || code == CURLE_AGAIN else { return }
        outbound.removeFirst(count)
        moved = moved || count > 0
      }
      if !moved, !wait(outer, inner, inbound.isEmpty, outbound.isEmpty) { return }
    }
  }

  /// False where the process is gone, though nothing more is to be read from it or written to it now.
  private func wait(_ outer: Int32, _ inner: Int32, _ hasNothingIn: Bool, _ hasNothingOut: Bool) -> Bool {
    let (reads, writes) = (Int16(POLLIN), Int16(POLLOUT))
    let asked = (hasNothingIn ? reads : 0) | (hasNothingOut ? 0 : writes)
    var polls = [
      pollfd(fd: asked == 0 ? -1 : outer, events: asked, revents: 0),
      pollfd(fd: inner, events: (hasNothingOut ? reads : 0) | (hasNothingIn ? 0 : writes), revents: 0),
    ]
    _ = unsafe poll(&polls, 2, 1000)
    return hasNothingOut || polls[1].revents & Int16(POLLHUP | POLLERR) == 0
  }
}
