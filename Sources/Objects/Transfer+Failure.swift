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
    case CURLE_COULDNT_RESOLVE_HOST: return Failure(fault: unknownHost(cause))
    case CURLE_COULDNT_RESOLVE_PROXY: return outside("the proxy's name is not known: \(shown) was not fetched")
    case CURLE_COULDNT_CONNECT where gate.isReason:
      let message = "\(PublicGate.words(effectiveAddress.host)): \(shown) was not fetched"
      return Failure(fault: Fault(.denied, message, cause: cause))
    case CURLE_COULDNT_CONNECT: return outside("\(host) takes no connection: \(shown) was not fetched")
    case CURLE_OPERATION_TIMEDOUT: return Failure(fault: late(cause))
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2_STREAM:
      return outside("the connection to \(host) broke: try again to fetch the rest of \(shown)", .resume)
    case CURLE_PEER_FAILED_VERIFICATION:
      return outside("the certificate of \(host) could not be verified: \(shown) was not fetched")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM:
      return outside("no secure connection to \(host): \(shown) was not fetched")
    case CURLE_TOO_MANY_REDIRECTS:
      let message = "\(host) redirects more than 5 times: \(shown) was not fetched"
      return Failure(fault: Fault(.badInput, message, cause: cause))
    case CURLE_UNSUPPORTED_PROTOCOL:
      let message = "\(host) redirects to an address that is not allowed: \(shown) was not fetched"
      return Failure(fault: Fault(.denied, message, cause: cause))
    case CURLE_FILE_COULDNT_READ_FILE:
      return Failure(fault: Fault(.notFound, "there is no file \(shown)", cause: cause))
    case CURLE_URL_MALFORMAT: return Failure(fault: Fault(.badInput, "\(shown) is not an address", cause: cause))
    case CURLE_ABORTED_BY_CALLBACK: return Failure(fault: Fault(.closed, "stopped fetching \(shown)"))
    default: return outside("\(shown) could not be fetched: \(cause)")
    }
  }

  /// Which name led nowhere, that of a redirect included: a name that is not there is none later, but a resolver that fails may do better.
  private func unknownHost(_ cause: String) -> Fault {
    let host = effectiveAddress.host
    return HostName(host).isUnknown
      ? Fault(.notFound, "there is no server named \(host): \(address.shown) was not fetched", cause: cause)
      : Fault(
        .unavailable, "the address of \(host) could not be found out: \(address.shown) was not fetched", cause: cause)
  }

  /// Which of the limits of time it was, and how far it came.
  private func late(_ cause: String) -> Fault {
    let (host, shown) = (effectiveAddress.host, address.shown)
    guard connectSeconds > 0 else {
      return Fault(
        .unavailable, "\(host) took no connection within \(limits.connectSeconds) s: \(shown) was not fetched",
        cause: cause)
    }
    let came = "\(received) bytes of \(shown) came from \(host) in \(NumberFormat.fixed(seconds, 0)) s"
    if let total = limits.totalSeconds, seconds > Double(total) - 0.1 {
      return Fault(.tooLarge, "\(came): it is too slow to be fetched in the time there is", cause: cause)
    }
    guard limits.leastBytesPerSecond > 1 else {
      return Fault(.unavailable, "\(host) stopped answering: try again to fetch the rest of \(shown)", cause: cause)
    }
    let least = "\(limits.leastBytesPerSecond) a second for \(limits.stallSeconds) s"
    return Fault(.unavailable, "\(came), less than \(least): it was given up as too slow", cause: cause)
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
      // What is wrong with the question is wrong the next time too, but for a server that was too slow for it.
      let isFinal = (400...499).contains(status) && status != 408 && status != 425
      return Failure(
        fault: Fault(
          isFinal ? .denied : .unavailable, "\(address.host) answered \(status) for \(address.shown)", cause: cause))
    }
  }
}
