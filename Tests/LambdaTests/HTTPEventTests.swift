import Base
import Testing

@testable import Lambda
@testable import Objects

struct HTTPEventTests {
  private func read(_ text: String) throws(Fault) -> HTTPEvent { try HTTPEvent(json: Array(text.utf8)) }

  private func v2(
    path: String, query: String = "", headers: String = "{}", more: String = "", stage: String = "$default",
    method: String = "GET"
  ) throws(Fault) -> HTTPEvent {
    try read(
      """
      {"version":"2.0","routeKey":"$default","rawPath":"\(path)","rawQueryString":"\(query)","headers":\(headers)\(more),
       "requestContext":{"stage":"\(stage)","http":{"method":"\(method)","path":"\(path)","sourceIp":"203.0.113.7"}}}
      """)
  }

  private func v1(_ fields: String, method: String = "GET", path: String = "/v1/jobs") throws(Fault) -> HTTPEvent {
    try read(
      """
      {"httpMethod":"\(method)","path":"\(path)",\(fields)
       "requestContext":{"stage":"prod","identity":{"sourceIp":"2001:db8::7"}},"isBase64Encoded":false}
      """)
  }

  private func sent(_ event: HTTPEvent, trace: String? = nil) -> (address: String, headers: [String]) {
    let request = event.request(to: "http://h", trace: trace)
    return (request.address, request.headers.map { "\($0.name): \($0.value)" })
  }

  @Test("A request by an HTTP API is the request that was sent, and says who sent it")
  func request() throws {
    let event = try v2(
      path: "/v1/analyses", query: "client=a%20b&x=%2F", headers: #"{"authorization":"Bearer k","accept":"*/*"}"#,
      more: #","cookies":["a=1","b=2"],"body":"{\"a\":1}""#, method: "POST")
    let (address, headers) = sent(event)
    #expect(event.method == "POST" && event.body == Array(#"{"a":1}"#.utf8))
    #expect(address == "http://h/v1/analyses?client=a%20b&x=%2F")
    #expect(
      headers == [
        "authorization: Bearer k", "accept: */*", "cookie: a=1; b=2", "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-Proto: https",
      ])
  }

  @Test(
    "A path that comes decoded is encoded again, one that comes encoded stays, and a stage is not part of it",
    arguments: [
      ("/a b", "$default", "/a%20b"), ("/a%20b", "$default", "/a%20b"), ("/a?b=1", "$default", "/a%3Fb=1"),
      ("/a#b", "$default", "/a%23b"), ("/100%", "$default", "/100%25"), ("/%zz", "$default", "/%25zz"),
      ("/ü", "$default", "/%C3%BC"), ("/prod/v1/jobs", "prod", "/v1/jobs"), ("/prod", "prod", "/"),
      ("/production/x", "prod", "/production/x"), ("", "$default", "/"), ("//evil/x", "$default", "//evil/x"),
      ("/$default/x", "$default", "/$default/x"), ("/a\\u0000b\\r\\nX: y", "$default", "/a%00b%0D%0AX:%20y"),
      ("@evil/x", "$default", "/@evil/x"), ("/../../etc", "$default", "/../../etc"),
    ])
  func paths(_ given: String, _ stage: String, _ wanted: String) throws {
    #expect(try v2(path: given, stage: stage).path == wanted)
  }

  @Test("A query that an emulator decoded holds nothing that ends it")
  func queries() throws {
    #expect(try v2(path: "/", query: "scope=a b&y=#z").query == "scope=a%20b&y=%23z")
    #expect(try v2(path: "/", query: "a=%20").query == "a=%20")
    #expect(try v2(path: "/").query == nil)
  }

  @Test("Headers that say who the client is, or are about a connection, are not the client's to send")
  func headers() throws {
    let event = try v2(
      path: "/",
      headers: #"{"X-Forwarded-For":"10.0.0.1","x-forwarded-proto":"http","Forwarded":"for=x","Connection":"close","#
        + #""content-length":"9","Transfer-Encoding":"chunked","Expect":"100-continue","x-real-ip":"1.2.3.4","empty":"","host":"api.example"}"#
    )
    #expect(sent(event).headers == ["host: api.example", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"])
    #expect(try sent(v2(path: "/", headers: #"{"accept":"text/event-stream"}"#)).headers.count == 2)
  }

  @Test("A trace header becomes a trace context, unless the client sent one")
  func traced() throws {
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    #expect(try sent(v2(path: "/"), trace: trace).headers.last?.hasPrefix("traceparent: 00-5759e988bd86") == true)
    let own = try v2(path: "/", headers: #"{"traceparent":"00-1-2-01"}"#)
    #expect(sent(own, trace: trace).headers.filter { $0.hasPrefix("traceparent") } == ["traceparent: 00-1-2-01"])
    #expect(try sent(v2(path: "/"), trace: "Root=x").headers.count == 2)
  }

  @Test("A request by a REST API has its decoded query encoded, and all values of a name")
  func rest() throws {
    let event = try v1(
      #""multiValueHeaders":{"Accept":["a","b"],"X-None":null},"headers":{"Accept":"b"},"body":null,"#
        + #""multiValueQueryStringParameters":{"tag":["a&b","c d"],"q":["é="]},"queryStringParameters":{"tag":"c d"},"#)
    #expect(event.query == "tag=a%26b&tag=c%20d&q=%C3%A9%3D" && event.body.isEmpty && event.payload == .v1)
    #expect(sent(event).headers.prefix(3) == ["Accept: a", "Accept: b", "X-Forwarded-For: 2001:db8::7"])
    #expect(try v1(#""headers":{"A":"1"},"queryStringParameters":{"a":"1"},"#).query == "a=1")
    #expect(try v1(#""headers":null,"queryStringParameters":null,"#).query == nil)
    #expect(try v1("", path: "/prod/x").path == "/prod/x", "a REST API says paths without the stage")
  }

  @Test("A body of base 64 is its bytes, and one that is not is refused")
  func bodies() throws {
    let event = try v2(path: "/", more: #","body":"AAEC/w==","isBase64Encoded":true"#, method: "POST")
    #expect(event.body == [0, 1, 2, 255])
    let fault = #expect(throws: Fault.self) {
      try v2(path: "/", more: #","body":"AAEC/w=","isBase64Encoded":true"#, method: "POST")
    }
    #expect(fault?.message.contains("base 64") == true)
  }

  @Test(
    "What is no request of HTTP is refused, and the place is named",
    arguments: [
      ("", "the event"), ("[]", "the event"), ("{}", "by API Gateway"), (#"{"Records":[{"s3":{}}]}"#, "by API Gateway"),
      (#"{"requestContext":{}}"#, "'httpMethod' is missing"), (#"{"requestContext":[]}"#, "requestContext: an array"),
      (#"{"requestContext":{"http":{}},"rawPath":"/"}"#, "requestContext.http: the key 'method' is missing"),
      (#"{"requestContext":{"elb":{}},"httpMethod":"GET","path":"/"}"#, "load balancer"),
      (#"{"requestContext":{},"httpMethod":"get","path":"/"}"#, "'get' is no method"),
      (#"{"requestContext":{},"httpMethod":"GET /x","path":"/"}"#, "no method"),
      (#"{"requestContext":{},"httpMethod":"","path":"/"}"#, "no method"),
      (#"{"requestContext":{},"httpMethod":"GET","path":7}"#, "path: 7"),
      (Self.head("x\\r\\nX-Forwarded-For: 1"), "headers.a: this is no header"),
      (Self.head("x\\u0000"), "headers.a: this is no header"),
      (#"{"requestContext":{},"httpMethod":"GET","path":"/","headers":{"a b":"x"}}"#, "this is no header"),
      (#"{"requestContext":{},"httpMethod":"GET","path":"/","headers":{"a:":"x"}}"#, "this is no header"),
      (#"{"requestContext":{},"httpMethod":"GET","path":"/","headers":{"a":7}}"#, "headers.a: 7"),
      (
        #"{"requestContext":{"http":{"method":"GET"}},"rawPath":"/","cookies":["a\nb"]}"#,
        "cookies: these are no cookies"
      ),
    ])
  func refused(_ text: String, _ words: String) throws {
    let fault = try #require(throws: Fault.self) { try read(text) }
    #expect(fault.kind == .badInput && fault.message.contains(words), "\(fault)")
  }

  private static func head(_ value: String) -> String {
    #"{"requestContext":{},"httpMethod":"GET","path":"/","headers":{"a":""# + value + #""}}"#
  }

  private func answer(
    _ status: Int, _ headers: [(String, String)], _ body: [UInt8], _ event: HTTPEvent
  ) -> String {
    var answer = ServerAnswer()
    (answer.status, answer.body) = (status, body)
    answer.headers = headers.map { (name: $0.0, value: $0.1) }
    return String(decoding: event.answer(answer), as: UTF8.self)
  }

  @Test("An answer goes back as text where it is one, else as base 64, with every cookie")
  func answers() throws {
    let headers = [
      ("Content-Type", "application/json"), ("Content-Length", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"),
    ]
    let (new, old) = (try v2(path: "/"), try v1(""))
    #expect(
      answer(202, headers, Array("{}".utf8), new)
        == #"{"statusCode":202,"headers":{"Content-Type":"application/json"},"cookies":["a=1","b=2"],"isBase64Encoded":false,"body":"{}"}"#
    )
    #expect(
      answer(202, headers, Array("{}".utf8), old)
        == #"{"statusCode":202,"multiValueHeaders":{"Content-Type":["application/json"],"Set-Cookie":["a=1","b=2"]},"#
        + #""isBase64Encoded":false,"body":"{}"}"#)
    #expect(
      answer(200, [("Content-Type", "image/jpeg")], [255, 216], new).hasSuffix(
        #""isBase64Encoded":true,"body":"/9g="}"#))
    #expect(
      answer(200, [("Content-Type", "text/csv")], [255], new).hasSuffix(#""isBase64Encoded":true,"body":"/w=="}"#))
    let packed = [("Content-Type", "text/csv"), ("Content-Encoding", "gzip")]
    #expect(answer(200, packed, [65], new).hasSuffix(#""isBase64Encoded":true,"body":"QQ=="}"#))
  }

  @Test("An answer that is longer than a function may give is refused in words that say what to do")
  func long() throws {
    let event = try v2(path: "/")
    let body = [UInt8](repeating: 65, count: 6 << 20)
    let text = answer(200, [("Content-Type", "text/plain")], body, event)
    #expect(text.hasPrefix(#"{"statusCode":502"#) && text.contains("by pages or by 'Range'") && text.utf8.count < 1000)
    let fits = answer(200, [("Content-Type", "text/plain")], Array(body.dropLast(8192)), event)
    #expect(fits.hasPrefix(#"{"statusCode":200"#))
  }
}
