internal import CNGHTTP2

/// Headers of an answer in one run of bytes, as nghttp2 takes them; it copies them.
struct HTTP2Headers {
  private var bytes: [UInt8] = []
  private var ends: [(name: Int, value: Int)] = []

  /// Names are written in lower case; control characters in values become blanks.
  init(_ headers: [(String, String)]) {
    for (name, value) in headers { add(name, value) }
  }

  /// An answer's; those that speak of the connection are left out, for HTTP/2 has none.
  init(_ response: Response, size: Int?, date: [UInt8]) {
    add(":status", String(response.status))
    // `Date: ` before it and the line end behind it are those of HTTP/1.
    add("date", String(decoding: date.dropFirst(6).dropLast(2), as: UTF8.self))
    for (name, value) in response.headers where !ResponseHead.isOurs(name) { add(name, value) }
    if let size, response.status != 204 { add("content-length", String(size)) }
  }

  private mutating func add(_ name: String, _ value: String) {
    for byte in name.utf8 { bytes.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte) }
    let end = bytes.count
    for byte in value.utf8 { bytes.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
    ends.append((end, bytes.count))
  }

  /// Lends them for as long as the call takes.
  func lend(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Int32) {
    var bytes = bytes
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      var start = 0
      var list: [nghttp2_nv] = unsafe []
      for (nameEnd, valueEnd) in ends {
        let (name, value) = unsafe (bytes.baseAddress! + start, bytes.baseAddress! + nameEnd)
        unsafe list.append(
          nghttp2_nv(name: name, value: value, namelen: nameEnd - start, valuelen: valueEnd - nameEnd, flags: 0))
        start = valueEnd
      }
      _ = unsafe body(list, list.count)
    }
  }
}
