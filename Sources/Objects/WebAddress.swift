internal import CCurl

/// Addresses by the rules of URLs (RFC 3986), as libcurl knows them.
enum WebAddress {
  /// What `text` means in a document that lies at `base`; `nil` where that is no address of http or https.
  static func resolve(_ text: String, at base: String) -> String? {
    let handle = unsafe curl_url()
    defer { unsafe curl_url_cleanup(handle) }
    guard unsafe handle != nil else { return nil }
    if !base.isEmpty { _ = unsafe curl_url_set(handle, CURLUPART_URL, base, 0) }
    guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = unsafe part(CURLUPART_SCHEME, of: handle), ["http", "https"].contains(scheme)
    else { return nil }
    return unsafe part(CURLUPART_URL, of: handle)
  }

  /// Who is asked: scheme, host and port.
  static func origin(of text: String) -> String? {
    let handle = unsafe curl_url()
    defer { unsafe curl_url_cleanup(handle) }
    guard unsafe handle != nil, unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = unsafe part(CURLUPART_SCHEME, of: handle), let host = unsafe part(CURLUPART_HOST, of: handle),
      let port = unsafe part(CURLUPART_PORT, of: handle)
    else { return nil }
    return "\(scheme)://\(host.lowercased()):\(port)"
  }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer?) -> String? {
    var text = unsafe UnsafeMutablePointer<CChar>?.none
    guard unsafe curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let found = unsafe text
    else { return nil }
    defer { unsafe curl_free(found) }
    return unsafe String(cString: found)
  }
}
