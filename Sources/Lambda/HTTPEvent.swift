public import Base
internal import JSON
public import Objects

/// A request of HTTP as a function gets it: by an HTTP API or a function's address (payload 2.0), or by a REST API (payload 1.0).
public struct HTTPEvent: Sendable {
  /// How the answer is to be written.
  public enum Payload: Sendable, Hashable { case v1, v2 }

  public let payload: Payload
  public let method: String
  /// Encoded, without the stage.
  public let path: String
  /// Encoded, without the question mark; `nil` for none.
  public let query: String?
  /// Of the client, without those that are about one connection or say who the client is.
  public let headers: [(name: String, value: String)]
  /// The client's address, as the gateway saw it.
  public let client: String?
  public let body: [UInt8]

  private enum Key: String, CaseIterable {
    case version, rawPath, rawQueryString, headers, cookies, requestContext, body, isBase64Encoded
    case httpMethod, path, multiValueHeaders, queryStringParameters, multiValueQueryStringParameters
  }
  private enum ContextKey: String, CaseIterable { case http, stage, identity, elb }
  private enum HTTPKey: String, CaseIterable { case method, sourceIp }
  private enum IdentityKey: String, CaseIterable { case sourceIp }

  /// - Throws: `badInput` for what is no such event, or holds what no request of HTTP does; it names the place.
  public init(json bytes: [UInt8]) throws(Fault) {
    let root = try JSONDocument(parsing: bytes.span.bytes, name: "the event").root
    let fields = try root.fields(Key.self, others: .ignored)
    guard let contextValue = fields.given(.requestContext) else {
      throw root.fault("this is no request that came by API Gateway or by a function's address")
    }
    let context = try contextValue.fields(ContextKey.self, others: .ignored)
    guard context.given(.elb) == nil else {
      throw contextValue.fault(
        "events of a load balancer are not read: put API Gateway or a function's address before it")
    }
    let identity = context.given(.http) ?? context.given(.identity)
    client = try identity.map { (value) throws(Fault) in try value.fields(IdentityKey.self, others: .ignored) }?
      .given(.sourceIp)?.string()
    let stage = try context.given(.stage)?.string()
    if let http = context.given(.http) {
      payload = .v2
      method = try http.fields(HTTPKey.self, others: .ignored).required(.method).string()
      path = HTTPText.path(try fields.required(.rawPath).string(), stage: stage)
      let text = try fields.given(.rawQueryString)?.string() ?? ""
      query = text.isEmpty ? nil : HTTPText.escaped(text, as: .query)
      headers = try Self.headers(ofV2: fields)
    } else {
      payload = .v1
      method = try fields.required(.httpMethod).string()
      path = HTTPText.path(try fields.required(.path).string(), stage: nil)
      query = try Self.query(ofV1: fields)
      headers = try Self.headers(ofV1: fields)
    }
    guard (1...20).contains(method.utf8.count), method.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
      throw root.fault("'\(method.prefix(20))' is no method of HTTP")
    }
    body = try Self.body(fields)
  }

  private static func body(_ fields: JSONFields<Key>) throws(Fault) -> [UInt8] {
    guard let value = fields.given(.body) else { return [] }
    let text = try value.string()
    guard try fields.given(.isBase64Encoded)?.bool() ?? false else { return Array(text.utf8) }
    guard let bytes = Base64.decode(text) else { throw value.fault("it is said to be base 64, and is not") }
    return bytes
  }

  private static func headers(ofV2 fields: JSONFields<Key>) throws(Fault) -> [(name: String, value: String)] {
    var found: [(String, String)] = []
    if let value = fields.given(.headers) {
      for (name, text) in try value.members() where !text.isNull { try add(name, text, to: &found) }
    }
    if let value = fields.given(.cookies) {
      var cookies: [String] = []
      for cookie in try value.elements() { cookies.append(try cookie.string()) }
      guard HTTPText.isValue(cookies.joined(separator: "; ")) else { throw value.fault("these are no cookies") }
      if !cookies.isEmpty { found.append(("cookie", cookies.joined(separator: "; "))) }
    }
    return found
  }

  /// Where both stand, those with several values hold the others too.
  private static func headers(ofV1 fields: JSONFields<Key>) throws(Fault) -> [(name: String, value: String)] {
    var found: [(String, String)] = []
    if let value = fields.given(.multiValueHeaders) {
      for (name, texts) in try value.members() where !texts.isNull {
        for text in try texts.elements() { try add(name, text, to: &found) }
      }
    } else if let value = fields.given(.headers) {
      for (name, text) in try value.members() where !text.isNull { try add(name, text, to: &found) }
    }
    return found
  }

  private static func add(_ name: String, _ value: JSONValue, to found: inout [(String, String)]) throws(Fault) {
    let text = try value.string()
    guard HTTPText.isName(name), HTTPText.isValue(text) else { throw value.fault("this is no header of HTTP") }
    guard !HTTPText.notPassed.contains(name.lowercased()), !text.isEmpty else { return }
    found.append((name, text))
  }

  /// A REST API gives names and values decoded.
  private static func query(ofV1 fields: JSONFields<Key>) throws(Fault) -> String? {
    var parts: [String] = []
    func add(_ name: String, _ value: String) {
      parts.append("\(HTTPText.encoded(name))=\(HTTPText.encoded(value))")
    }
    if let value = fields.given(.multiValueQueryStringParameters) {
      for (name, texts) in try value.members() where !texts.isNull {
        for text in try texts.elements() { add(name, try text.string()) }
      }
    } else if let value = fields.given(.queryStringParameters) {
      for (name, text) in try value.members() where !text.isNull { add(name, try text.string()) }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "&")
  }

  private static let endless = "text/event-stream"

  /// The request for a server of this machine, `http://127.0.0.1:8080`, which trusts it to say who the client is.
  ///
  /// `trace` is Amazon's trace header, which becomes a trace context where the client sent none.
  public func request(to server: String, trace: String?) -> ServerRequest {
    var request = ServerRequest(method, server + path + (query.map { "?\($0)" } ?? ""))
    // An answer that goes on for as long as somebody listens is none that a function could give.
    request.headers = headers.filter {
      $0.name.lowercased() != "accept" || !$0.value.lowercased().contains(Self.endless)
    }
    if let client, HTTPText.isAddress(client) { request.headers.append(("X-Forwarded-For", client)) }
    request.headers.append(("X-Forwarded-Proto", "https"))
    let isTraced = headers.contains { $0.name.lowercased() == "traceparent" }
    if !isTraced, let context = trace.flatMap({ TraceHeader($0) }) {
      request.headers.append(("traceparent", context.traceParent))
    }
    request.keepsPath = true
    request.body = method == "GET" || method == "HEAD" ? .none : .bytes(body)
    return request
  }
}
