internal import Base
internal import CCurl

/// What every use of libcurl has in common; handles are of `curl_easy_init`.
enum Curl {
  /// Begun once, before the first handle.
  static let library: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// To be freed by the caller, with `curl_easy_cleanup`.
  static func handle() throws(Fault) -> UnsafeMutableRawPointer {
    _ = library
    guard let handle = unsafe curl_easy_init() else { throw Fault(.exhausted, "libcurl found no memory for a request") }
    return unsafe handle
  }

  /// Whether a server can be asked by an address.
  static func checkAsked(_ address: Address) throws(Fault) {
    guard ["http", "https"].contains(address.scheme) else {
      throw Fault(.usage, "\(address.shown) cannot be asked: only http and https addresses can")
    }
  }

  static func set(
    _ texts: [(CURLoption, String)], _ numbers: [(CURLoption, Int)], on handle: UnsafeMutableRawPointer
  ) {
    for (option, text) in texts { _ = unsafe ridley_curl_set_text(handle, option, text) }
    for (option, number) in numbers { _ = unsafe ridley_curl_set_long(handle, option, number) }
  }

  /// Status of the last answer, 0 where there are none (files).
  static func status(of handle: UnsafeMutableRawPointer) -> Int {
    var status = 0
    _ = unsafe ridley_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }
}
