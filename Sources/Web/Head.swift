internal import Base

/// A request's head as it was read.
struct Head: Sendable {
  var method = ""
  var target: [UInt8] = []
  var version = Request.Version.http1_1
  var fields = HeaderFields()

  /// How long the body is.
  enum Framing: Equatable, Sendable {
    case length(Int)
    case chunked
  }

  /// What RFC 9112 asks of heads beyond their grammar; every doubt about where the body ends is a fault.
  func framing() throws(HeadFault) -> Framing {
    let hosts = fields.count("host")
    guard hosts <= 1, hosts == 1 || version != .http1_1 else {
      throw .malformed(hosts == 0 ? "it has no Host" : "it has more than one Host")
    }
    guard fields.first("host")?.utf8.allSatisfy(Token.isOfHost) ?? true else { throw .malformed("its Host is no name") }
    let (codings, lengths) = (fields.all("transfer-encoding"), fields.all("content-length"))
    if let coding = codings.first {
      guard codings.count == 1, lengths.isEmpty, version == .http1_1 else {
        throw .malformed("it leaves open where the body ends")
      }
      guard coding.lowercased() == "chunked" else {
        let last = coding.lowercased().split(separator: ",").last?.drop { $0 == " " || $0 == "\t" }
        throw last == "chunked" ? .unknownEncoding : .malformed("its Transfer-Encoding does not end in 'chunked'")
      }
      return .chunked
    }
    guard let text = lengths.first else { return .length(0) }
    guard lengths.count == 1, (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(text)
    else { throw .malformed("its Content-Length is not one plain number") }
    return .length(length)
  }

  /// Whether the client waits for `100 Continue`.
  func expectsContinue() throws(HeadFault) -> Bool {
    guard let expectation = fields.first("expect"), version != .http1_0 else { return false }
    guard expectation.lowercased() == "100-continue" else { throw .unknownExpectation }
    return true
  }

  /// Whether the connection may serve another request behind this one.
  var keepsAlive: Bool {
    let words = fields.all("connection").flatMap { $0.split(separator: ",") }
      .map { $0.lowercased().filter { $0 != " " && $0 != "\t" } }
    if words.contains("close") { return false }
    return version == .http1_1 || words.contains("keep-alive")
  }

  /// The request, once all else was looked at.
  func request(on connection: Connection) throws(HeadFault) -> Request {
    let proxies = connection.loop.limits.trustedProxies
    return Request(
      method: method, target: try path(), version: version, fields: fields,
      peer: proxies.client(of: fields, from: connection.peer), isSecure: connection.isSecure,
      isSecureForClient: connection.isSecure || proxies.sayHTTPS(fields, from: connection.peer),
      clientKey: connection.clientKey, receivedAt: Clock.now)
  }

  /// The target as a path: proxies may send a whole address, of which only what stands behind the host counts here.
  func path() throws(HeadFault) -> String {
    guard !target.contains(UInt8(ascii: "#")) else { throw .malformed("its target has a fragment") }
    let text = String(decoding: target, as: UTF8.self)
    if text.utf8.first == UInt8(ascii: "/") { return text }
    if text == "*", method == "OPTIONS" { return text }
    for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
      let rest = text.utf8.dropFirst(scheme.utf8.count)
      guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else { return "/" }
      let path = String(text[end...])
      return path.utf8.first == UInt8(ascii: "/") ? path : "/" + path
    }
    throw .malformed("its target is not a path")
  }
}
