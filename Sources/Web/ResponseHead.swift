internal import Base

/// Writes heads of HTTP/1 answers; those without a size are made bit by bit.
enum ResponseHead {
  static func write(
    _ response: Response, size: Int?, version: Request.Version, keepsAlive: Bool, date: [UInt8], to bytes: inout [UInt8]
  ) {
    if response.status == 200 { bytes.append(contentsOf: fine) } else { status(response.status, &bytes) }
    bytes.append(contentsOf: date)
    for (name, value) in response.headers where !isOurs(name) {
      plain(name, &bytes)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(UInt8(ascii: " "))
      plain(value, &bytes)
      bytes.append(contentsOf: lineEnd)
    }
    if let size, response.status != 204 {
      bytes.append(contentsOf: length)
      decimal(size, &bytes)
      bytes.append(contentsOf: lineEnd)
    } else if size == nil, version == .http1_1 {
      bytes.append(contentsOf: inChunks)
    }
    if !keepsAlive {
      bytes.append(contentsOf: closing)
    } else if version == .http1_0 {
      bytes.append(contentsOf: keeping)
    }
    bytes.append(contentsOf: lineEnd)
  }

  /// Whether a header is the server's to write: it says where the answer ends, or speaks of the connection.
  static func isOurs(_ name: String) -> Bool {
    // Looked at by length first: most names are none of these.
    switch name.utf8.count {
    case 4: name.lowercased() == "date"
    case 7: name.lowercased() == "upgrade"
    case 10: ["connection", "keep-alive"].contains(name.lowercased())
    case 14: name.lowercased() == "content-length"
    case 17: name.lowercased() == "transfer-encoding"
    default: false
    }
  }

  private static func status(_ status: Int, _ bytes: inout [UInt8]) {
    bytes.append(contentsOf: "HTTP/1.1 ".utf8)
    decimal(status, &bytes)
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: (reasons[status] ?? "Status").utf8)
    bytes.append(contentsOf: lineEnd)
  }

  /// Text that cannot end its line.
  private static func plain(_ text: String, _ bytes: inout [UInt8]) {
    for byte in text.utf8 { bytes.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
  }

  static func decimal(_ number: Int, _ bytes: inout [UInt8]) {
    var rest = UInt(number)
    let start = bytes.count
    repeat {
      bytes.append(UInt8(0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private static let fine = Array("HTTP/1.1 200 OK\r\n".utf8)
  private static let length = Array("Content-Length: ".utf8)
  private static let inChunks = Array("Transfer-Encoding: chunked\r\n".utf8)
  private static let closing = Array("Connection: close\r\n".utf8)
  private static let keeping = Array("Connection: keep-alive\r\n".utf8)
  private static let lineEnd = Array("\r\n".utf8)

  /// RFC 9110, 15, and RFC 6585.
  private static let reasons: [Int: String] = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
    302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 411: "Length Required", 412: "Precondition Failed",
    413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
    417: "Expectation Failed", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  ]
}

/// The `Date` header, made anew each second.
struct DateLine {
  private var second = -1
  private var bytes: [UInt8] = []

  mutating func line() -> [UInt8] {
    let now = Clock.date
    guard now != second else { return bytes }
    bytes = Array("Date: \(UTC.httpDate(now))\r\n".utf8)
    second = now
    return bytes
  }
}
