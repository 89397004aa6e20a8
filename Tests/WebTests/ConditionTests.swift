import TestKit
import Testing
import Web

@Suite("Conditions of requests for a source")
struct ConditionTests {
  @Test(
    "If-Range, If-Match and If-None-Match decide in the order of RFC 9110",
    arguments: [
      ("Range: bytes=0-1\r\nIf-Range: \"a\"", 206), ("Range: bytes=0-1\r\nIf-Range: \"b\"", 200),
      ("Range: bytes=0-1\r\nIf-Range: W/\"a\"", 200),
      ("Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT", 200),
      ("If-Match: \"a\"", 200), ("If-Match: \"b\", \"c\"", 412), ("If-Match: *", 200), ("If-None-Match: *", 304),
      ("If-None-Match: W/\"a\"", 304), ("If-None-Match: \"b\"", 200), ("If-Match: \"b\"\r\nIf-None-Match: \"a\"", 412),
      ("Range: bytes=0-1\r\nRange: bytes=2-3", 200), ("Range: bytes=50-", 416),
    ])
  func order(headers: String, status: Int) throws {
    let source = PatternSource(20)
    let handler = ClosureHandler { request in .answer(.serving(source, for: request, tag: EntityTag("a"))) }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\(headers)\r\n\r\n")
      let answer = try client.answer(bare: status == 304)
      #expect(answer.status == status && answer.headers["etag"] == "\"a\"")
      #expect(
        answer.body == (status == 200 ? PatternSource.bytes(0..<20) : status == 206 ? PatternSource.bytes(0..<2) : []))
    }
  }

  @Test(
    "Every method reaches the handler, with a body and without",
    arguments: ["PATCH", "DELETE", "OPTIONS", "HEAD", "PUT"])
  func methods(method: String) throws {
    let handler = ClosureHandler { request in
      .body(limit: 100) { body, exchange in
        exchange.answer(Response(200, headers: [("X-Heard", "\(request.method) \(body.count)")]))
      }
    }
    try serving(handler) { server, _ in
      let client = try Client(server.port)
      for body in ["", "abc"] {
        client.send("\(method) /x HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(try client.answer(bare: true).headers["x-heard"] == "\(method) \(body.utf8.count)")
      }
      client.send("\(method) /x HTTP/1.1\r\nHost: here\r\n\r\n")
      #expect(try client.answer(bare: true).headers["x-heard"] == "\(method) 0")
      let newer = try FrameClient(server.port)
      newer.send(FrameClient.request(1, method, isLast: false), FrameClient.data(1, [1, 2]))
      newer.send(FrameClient.request(3, method))
      #expect(try newer.until { $0.stream == 3 && $0.isLast }.allSatisfy { $0.type == 1 })
    }
  }
}
