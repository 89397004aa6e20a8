import Base
import Testing

@testable import Ingest

struct SessionTests {
  private static let description = """
    v=0\r
    o=- 1 1 IN IP4 0.0.0.0\r
    s=Session\r
    a=control:*\r
    m=audio 0 RTP/AVP 97\r
    a=rtpmap:97 MPEG4-GENERIC/16000\r
    a=control:trackID=1\r
    m=video 0 RTP/AVP 96\r
    a=rtpmap:96 H264/90000\r
    a=fmtp:96 packetization-mode=1; profile-level-id=4D0029; sprop-parameter-sets=Z00AKQ==,aO48gA\r
    a=control:trackID=2\r

    """

  @Test(
    "A description says which track has pictures, how they are coded, and their parameters, with padding or without")
  func describe() throws {
    let (track, format) = try SessionDescription(Self.description).video()
    #expect(track.control == "trackID=2" && format.codec == .h264 && format.clockRate == 90_000 && format.number == 96)
    #expect(format.parameters == [0, 0, 0, 1, 0x67, 0x4D, 0, 0x29, 0, 0, 0, 1, 0x68, 0xEE, 0x3C, 0x80])
    let jpeg = try SessionDescription("m=video 0 RTP/AVP 26\n").video()
    #expect(jpeg.format.codec == .mjpeg && jpeg.track.control == nil)
  }

  @Test("What cannot be read is refused by its name")
  func refuse() {
    #expect(throws: Fault(.unsupported, "the camera has no picture: its description names no video")) {
      try SessionDescription("m=audio 0 RTP/AVP 0\n").video()
    }
    #expect(
      throws: Fault(
        .unsupported, "the camera sends VP8, which is not supported over RTSP: set it to H.264, HEVC, AV1 or MJPEG")
    ) { try SessionDescription("m=video 0 RTP/AVP 98\na=rtpmap:98 VP8/90000\n").video() }
  }

  /// The example of RFC 2617, section 3.5, asked with the words of a camera.
  @Test("A digest is what the standard's own example has")
  func digest() throws {
    var login = try #require(
      RTSPLogin(
        ["Basic realm=\"x\"", "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""],
        user: "Mufasa", password: "Circle Of Life"))
    let header = login.header(method: "GET", address: "/dir/index.html", random: 1)
    // Without qop: MD5(MD5(A1):nonce:MD5(A2)).
    #expect(header.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""), "\(header)")
    #expect(!header.contains("Circle") && header.hasPrefix("Digest username=\"Mufasa\", realm=\"testrealm@host.com\""))
  }

  @Test("The strongest login that is offered is taken, a strange one is none")
  func choice() throws {
    let offers = ["Basic realm=\"a, b\"", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"]
    var login = try #require(RTSPLogin(offers, user: "u", password: "p"))
    let header = login.header(method: "DESCRIBE", address: "rtsp://h/", random: 255)
    #expect(header.contains("algorithm=SHA-256") && header.contains("cnonce=\"ff\"") && header.contains("nc=00000001"))
    var basic = try #require(RTSPLogin([offers[0]], user: "u", password: "p"))
    let open = basic.header(method: "OPTIONS", address: "*", random: 1)
    #expect(open == "Basic dTpw")
    #expect(RTSPLogin(["Bearer x"], user: "u", password: "p") == nil)
  }

  @Test("A camera is asked in order, and told the session that it gave; its pictures come when it says so")
  func dialogue() throws {
    var session = RTSPSession("rtsp://cam/main", account: ("u", "p"), transport: .interleaved)
    var asked = String(decoding: session.begin(), as: UTF8.self)
    #expect(asked.hasPrefix("OPTIONS rtsp://cam/main RTSP/1.0\r\nCSeq: 1\r\n"))
    asked = try send(&session, 200, ["Public": "OPTIONS, DESCRIBE, GET_PARAMETER"])
    #expect(
      asked.hasPrefix("DESCRIBE rtsp://cam/main RTSP/1.0\r\nCSeq: 2\r\n") && asked.contains("Accept: application/sdp"))
    asked = try send(&session, 401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"n\""])
    #expect(asked.hasPrefix("DESCRIBE") && asked.contains("CSeq: 3") && asked.contains("Authorization: Digest"))
    asked = try send(&session, 200, ["Content-Base": "rtsp://10.0.0.9/main/"], Self.description)
    #expect(
      asked.hasPrefix("SETUP rtsp://10.0.0.9/main/trackID=2 ") && asked.contains("RTP/AVP/TCP;unicast;interleaved=0-1"))
    asked = try send(&session, 200, ["Session": "abc;timeout=30", "Transport": "RTP/AVP/TCP;interleaved=2-3"])
    #expect(asked.hasPrefix("PLAY rtsp://10.0.0.9/main/ ") && asked.contains("Session: abc\r\n"))
    #expect(session.channels == (2, 3) && session.timeout == 30)
    let next = try session.take(Self.answer(200))
    let sign = String(decoding: session.keepAlive(), as: UTF8.self)
    #expect(next == .playing && sign.hasPrefix("GET_PARAMETER rtsp://10.0.0.9/main/ "))
  }

  @Test("Refusals say what to do: who may not enter, what is not there, another transport, another address")
  func refusals() throws {
    var session = RTSPSession("rtsp://cam/", transport: .interleaved)
    _ = session.begin()
    #expect(throws: Fault(.denied, "the camera asks for a user and a password")) {
      try session.take(Self.answer(401, ["WWW-Authenticate": "Basic realm=\"r\""]))
    }
    var wrong = RTSPSession("rtsp://cam/", account: ("u", "p"), transport: .interleaved)
    _ = wrong.begin()
    _ = try wrong.take(Self.answer(401, ["WWW-Authenticate": "Basic realm=\"r\""]))
    #expect(throws: Fault(.denied, "the camera does not take this user and password")) {
      try wrong.take(Self.answer(401, ["WWW-Authenticate": "Basic realm=\"r\""]))
    }
    var gone = RTSPSession("rtsp://cam/x", transport: .interleaved)
    _ = gone.begin()
    #expect(throws: Fault(.notFound, "the camera has nothing at this address (404 Not Found)")) {
      try gone.take(RTSPMessage(.answer(status: 404, phrase: "Not Found")))
    }
    var moved = RTSPSession("rtsp://cam/x", transport: .interleaved)
    _ = moved.begin()
    let next = try moved.take(Self.answer(302, ["Location": "rtsp://127.0.0.1/"]))
    #expect(next == .goTo("rtsp://127.0.0.1/"))
  }

  @Test(
    "Messages and packets are told apart however they are cut, and what is neither is nonsense",
    arguments: [1, 2, 3, 7, 1000])
  func stream(step: Int) {
    let message = RTSPMessage(.answer(status: 200, phrase: "OK"), headers: [("CSeq", "1"), ("Content-Length", "3")])
    let bytes =
      message.bytes + [1, 2, 3] + [0x24, 0, 0, 2, 9, 8] + [13, 10] + [0x24, 1, 0, 0]
      + Array("HTTP/1.1 200\r\n\r\n".utf8)
    var (stream, parts) = (RTSPStream(), [RTSPStream.Part]())
    for start in stride(from: 0, to: bytes.count, by: step) {
      stream.add(Array(bytes[start..<min(bytes.count, start + step)]).span)
      while parts.last != .nonsense, let part = stream.next() { parts.append(part) }
    }
    #expect(parts.count == 4 && parts[1] == .packet(channel: 0, [9, 8]) && parts[2] == .packet(channel: 1, []))
    #expect(parts.last == .nonsense)
    guard case .message(let read)? = parts.first else { return #expect(Bool(false), "\(parts)") }
    #expect(read.body == [1, 2, 3] && read.header("cseq") == "1")
  }

  private static func answer(
    _ status: Int, _ headers: KeyValuePairs<String, String> = [:], _ body: String = ""
  ) -> RTSPMessage {
    var message = RTSPMessage(
      .answer(status: status, phrase: "x"), headers: headers.map { ($0.key.lowercased(), $0.value) })
    message.body = Array(body.utf8)
    return message
  }

  private func send(
    _ session: inout RTSPSession, _ status: Int, _ headers: KeyValuePairs<String, String>, _ body: String = ""
  ) throws -> String {
    guard case .send(let bytes) = try session.take(Self.answer(status, headers, body)) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
