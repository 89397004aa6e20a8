public import Base
internal import CCurl

/// One GET of an `http` or `https` address of which the status alone counts: whether a server answers, and how.
///
/// No redirect is followed and no proxy asked. Blocks its thread until the end: not for the shared pool.
public struct StatusRequest: Sendable {
  private let address: Address
  private let seconds: Int
  private let takesAnyCertificate: Bool

  /// `takesAnyCertificate` is for a server on this machine, which nobody else can pass for and whose certificate names another.
  public init(_ address: String, within seconds: Int, takesAnyCertificate: Bool = false) {
    self.address = Address(address)
    (self.seconds, self.takesAnyCertificate) = (seconds, takesAnyCertificate)
  }

  /// The status of the answer.
  ///
  /// - Throws: `unavailable` where no whole answer came within the time.
  public func status() throws(Fault) -> Int {
    try Curl.checkAsked(address)
    let handle = unsafe try Curl.handle()
    defer { unsafe curl_easy_cleanup(handle) }
    unsafe configure(handle)
    let code = unsafe curl_easy_perform(handle)
    guard code == CURLE_OK else { throw fault(code) }
    return unsafe Curl.status(of: handle)
  }

  private func configure(_ handle: UnsafeMutableRawPointer) {
    let texts: [(CURLoption, String)] = [
      (CURLOPT_URL, address.whole), (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_USERAGENT, "ridley"),
      (CURLOPT_NOPROXY, "*"),
    ]
    let trust = takesAnyCertificate ? 0 : 1
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT, seconds), (CURLOPT_SSL_VERIFYPEER, trust),
      (CURLOPT_SSL_VERIFYHOST, 2 * trust),
    ]
    unsafe Curl.set(texts, numbers, on: handle)
    unsafe _ = ridley_curl_set_writer(handle, passOver)
  }

  private func fault(_ code: CURLcode) -> Fault {
    let cause = unsafe String(cString: curl_easy_strerror(code))
    let host = address.host
    let message =
      switch code {
      case CURLE_URL_MALFORMAT: "\(address.shown) is not an address"
      case CURLE_COULDNT_RESOLVE_HOST: "there is no server named \(host)"
      case CURLE_COULDNT_CONNECT: "\(host) takes no connection"
      case CURLE_OPERATION_TIMEDOUT: "\(host) does not answer within \(seconds) s"
      case CURLE_PEER_FAILED_VERIFICATION: "the certificate of \(host) could not be verified"
      default: "\(address.shown) gave no answer: \(cause)"
      }
    return Fault(code == CURLE_URL_MALFORMAT ? .usage : .unavailable, message, cause: cause)
  }
}

/// Called by libcurl on the request's own thread for every block of the body, which is of no use.
@c private func passOver(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int { size * count }
