internal import Base
internal import CCurl

extension Transfer {
  /// What libcurl's code means to the person who waits for the file.
  func failure(_ code: CURLcode, status: Int, resuming: Bool) -> Failure {
    let cause = unsafe String(cString: curl_easy_strerror(code))
    let (host, shown) = (address.host, address.shown)
    func outside(_ message: String, _ remedy: Remedy = .none) -> Failure {
      Failure(fault: Fault(.unavailable, message, cause: cause), remedy: remedy)
    }
    switch code {
    case CURLE_HTTP_RETURNED_ERROR: return answer(status, resuming: resuming)
    case CURLE_RANGE_ERROR, CURLE_BAD_DOWNLOAD_RESUME:
      return outside("\(shown) could not be continued", resuming ? .startOver : .none)
    case CURLE_COULDNT_RESOLVE_HOST: return outside("no network, or no server named \(host): \(shown) was not fetched")
    case CURLE_COULDNT_RESOLVE_PROXY: return outside("the proxy's name is not known: \(shown) was not fetched")
    case CURLE_COULDNT_CONNECT where !limits.reachesPrivate:
      let message =
        "\(host) takes no connection, or is an address of this machine or of a local network, which are not asked from here"
      return Failure(fault: Fault(.denied, "\(message): \(shown) was not fetched", cause: cause))
    case CURLE_COULDNT_CONNECT: return outside("\(host) takes no connection: \(shown) was not fetched")
    case CURLE_OPERATION_TIMEDOUT: return outside("\(host) stopped answering: try again to fetch the rest of \(shown)")
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2_STREAM:
      return outside("the connection to \(host) broke: try again to fetch the rest of \(shown)", .resume)
    case CURLE_PEER_FAILED_VERIFICATION:
      return outside("the certificate of \(host) could not be verified: \(shown) was not fetched")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM:
      return outside("no secure connection to \(host): \(shown) was not fetched")
    case CURLE_TOO_MANY_REDIRECTS: return outside("\(host) redirects more than 5 times: \(shown) was not fetched")
    case CURLE_UNSUPPORTED_PROTOCOL: return outside("\(host) redirects to an address that is not allowed: \(shown)")
    case CURLE_FILE_COULDNT_READ_FILE:
      return Failure(fault: Fault(.notFound, "there is no file \(shown)", cause: cause))
    case CURLE_URL_MALFORMAT: return Failure(fault: Fault(.badInput, "\(shown) is not an address", cause: cause))
    case CURLE_ABORTED_BY_CALLBACK: return Failure(fault: Fault(.closed, "stopped fetching \(shown)"))
    default: return outside("\(shown) could not be fetched: \(cause)")
    }
  }

  /// A status of 400 and above.
  private func answer(_ status: Int, resuming: Bool) -> Failure {
    let cause = "HTTP status \(status)"
    switch status {
    case 404, 410:
      return Failure(fault: Fault(.notFound, "\(address.host) has no \(address.shown) (\(status))", cause: cause))
    case 401, 403, 407:
      let message = "\(address.host) does not give out \(address.shown) (\(status))"
      return Failure(fault: Fault(.denied, message, cause: cause))
    case 416 where resuming:
      return Failure(
        fault: Fault(.unavailable, "\(address.shown) could not be continued (416)", cause: cause), remedy: .startOver)
    case 429:
      let message = "\(address.host) asks to wait (429): try again later to fetch \(address.shown)"
      return Failure(fault: Fault(.unavailable, message, cause: cause))
    default:
      return Failure(
        fault: Fault(.unavailable, "\(address.host) answered \(status) for \(address.shown)", cause: cause))
    }
  }
}
