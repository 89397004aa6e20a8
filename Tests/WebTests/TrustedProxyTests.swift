import Base
import TestKit
import Testing
import Web

@Suite("Requests that a proxy passes on")
struct TrustedProxyTests {
  private static func ranges(_ texts: String...) throws -> [AddressRange] {
    try texts.map { try AddressRange(text: $0) }
  }

  /// Who a request with these headers came from, as the handler and the log see it.
  private func client(_ headers: [String], trusting: [AddressRange]) throws -> (peer: String, origin: String) {
    try serving(limits: { $0.trustedProxies = trusting }) { server, handler in
      let lines = headers.map { "X-Forwarded-For: \($0)\r\n" }.joined()
      let client = try Client(server.port)
      client.send("GET / HTTP/1.1\r\nHost: here\r\n\(lines)\r\n")
      #expect(try client.answer().status == 200)
      let request = try handler.ended(1)[0].request
      return (request.peer, request.origin)
    }
  }

  static let cases: [([String], String, String)] = [
    ([], "127.0.0.1", "127.0.0.1"),
    (["192.0.2.7"], "192.0.2.7", "192.0.2.7"),
    // What stands further to the left is what the client itself wrote.
    (["203.0.113.9, 192.0.2.7"], "192.0.2.7", "192.0.2.7"),
    (["203.0.113.9,192.0.2.7 ,\t10.1.2.3"], "192.0.2.7", "192.0.2.7"),
    (["203.0.113.9", "192.0.2.7, 10.1.2.3"], "192.0.2.7", "192.0.2.7"),
    (["10.0.0.9, 10.1.2.3"], "10.0.0.9", "10.0.0.9"),
    (["11.0.0.9, 10.1.2.3"], "11.0.0.9", "11.0.0.9"),
    (["2001:db8:0:1::7, fd12::1"], "2001:db8:0:1::7", "2001:db8:0:1::/64"),
    (["::ffff:192.0.2.7"], "192.0.2.7", "192.0.2.7"),
    (["192.0.2.7:4711"], "192.0.2.7", "192.0.2.7"),
    (["[2001:db8::7]:4711"], "2001:db8::7", "2001:db8::/64"),
    // What is no address says nothing, and nothing left of it is believed.
    (["unknown"], "127.0.0.1", "127.0.0.1"), ([""], "127.0.0.1", "127.0.0.1"),
    (["192.0.2.7, _hidden"], "127.0.0.1", "127.0.0.1"),
    (["192.0.2.7, , 10.1.2.3"], "10.1.2.3", "10.1.2.3"),
    (["127.1, 10.1.2.3"], "10.1.2.3", "10.1.2.3"),
  ]

  @Test("X-Forwarded-For is read from its end, and as far as trusted proxies wrote it", arguments: cases)
  func forwarded(_ headers: [String], _ peer: String, _ origin: String) throws {
    let found = try client(headers, trusting: Self.ranges("127.0.0.1", "10.0.0.0/8", "fd00::/8"))
    #expect(found == (peer, origin), "\(headers)")
  }

  @Test("An address that is not trusted is the client, whatever it writes")
  func strangers() throws {
    for ranges in [[], try Self.ranges("10.0.0.0/8", "127.0.0.2", "::1")] {
      #expect(try client(["192.0.2.7"], trusting: ranges) == ("127.0.0.1", "127.0.0.1"))
    }
  }

  @Test("The same holds for HTTP/2, whose streams may be of different clients")
  func http2() throws {
    try serving(limits: { $0.trustedProxies = try! Self.ranges("127.0.0.0/8") }) { server, handler in
      let client = try FrameClient(server.port)
      client.send(
        FrameClient.request(1, more: [("x-forwarded-for", "192.0.2.7")]),
        FrameClient.request(3, more: [("x-forwarded-for", "192.0.2.8")]), FrameClient.request(5))
      #expect(try Set(handler.ended(3).map(\.request.peer)) == ["192.0.2.7", "192.0.2.8", "127.0.0.1"])
    }
  }

  @Test("A trusted proxy may have as many connections as there are; another address its own number")
  func connections() throws {
    for (trusted, isServed) in [("127.0.0.1", true), ("192.0.2.7", false)] {
      try serving(limits: {
        ($0.connectionsPerPeer, $0.trustedProxies) = (2, try! Self.ranges(trusted))
      }) { server, _ in
        let clients = try (0..<4).map { _ in try Client(server.port) }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n") }
        let statuses = try clients.map { try $0.answer().status }
        #expect(statuses.allSatisfy { $0 == 200 } == isServed, "\(trusted): \(statuses)")
      }
    }
  }

  @Test("Ranges that say nothing, or not what they seem to, are refused")
  func ranges() throws {
    for text in [
      "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0", "", "/8", "fd00::/129", "local",
      "1.2.3.4/8/8",
    ] {
      let fault = try #require(throws: Fault.self) { try AddressRange(text: text) }
      #expect(fault.kind == .usage && fault.message.contains("'\(text)' is no address"), "\(fault.message)")
    }
    for (text, right) in [
      ("10.1.0.0/8", "10.0.0.0/8"), ("fd00::1/8", "fd00::/8"), ("192.0.2.255/25", "192.0.2.128/25"),
    ] {
      let fault = try #require(throws: Fault.self) { try AddressRange(text: text) }
      #expect(fault.message.contains("write \(right)"), "\(fault.message)")
    }
    #expect(try AddressRange(text: "::ffff:10.0.0.1") == AddressRange(text: "10.0.0.1/32"))
  }
}
