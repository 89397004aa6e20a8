import Base
import Testing

@testable import Ingest

/// Plays a camera: says what it answers to each request.
final class Dialogue {
  var session: RTSPSession
  /// The last request, and how many there were.
  var asked = ""
  var count = 0

  init(account: (String, String)? = ("u", "p"), transport: RTSPSession.Transport = .interleaved) {
    session = RTSPSession("rtsp://cam/main", account: account, transport: transport)
    asked = String(decoding: session.begin(), as: UTF8.self)
  }

  static let description = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:trackID=1\n"

  @discardableResult
  func answer(
    _ status: Int, _ headers: KeyValuePairs<String, String> = [:], _ body: String = ""
  ) throws -> RTSPSession.Next {
    // As it is read from a connection, so that what stands around words goes where it goes there.
    let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    var message = try #require(RTSPMessage(head: Array("RTSP/1.0 \(status) x\r\n\(lines)\r\n".utf8)))
    message.body = Array(body.utf8)
    let next = try session.take(message)
    if case .send(let bytes) = next { (asked, count) = (String(decoding: bytes, as: UTF8.self), count + 1) }
    return next
  }

  /// Up to the pictures.
  func play(_ setUp: KeyValuePairs<String, String> = ["Session": "1;timeout=30"]) throws {
    try answer(200, ["Public": "OPTIONS, DESCRIBE, GET_PARAMETER"])
    try answer(200, [:], Self.description)
    try answer(200, setUp)
    #expect(try answer(200) == .playing)
  }

  /// What is said to show that somebody is here.
  func keepAlive() -> String { String(decoding: session.keepAlive(), as: UTF8.self) }

  /// The word of the last request.
  var method: Substring { asked.prefix { $0 != " " } }
}

struct LoginTests {
  private let refusal = Fault(.denied, "the camera does not take this user and password")

  @Test(
    "A number that is too old is asked for anew, however that is written", arguments: ["stale=true", "stale=\"TRUE\""])
  func stale(word: String) throws {
    let camera = Dialogue()
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"a\""])
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"b\", \(word)"])
    #expect(camera.method == "OPTIONS" && camera.asked.contains("nonce=\"b\""))
    try camera.answer(200)
    #expect(camera.method == "DESCRIBE" && camera.asked.contains("nonce=\"b\""))
  }

  @Test("A number for each request is no refusal once one was taken; before that it is")
  func once() throws {
    let camera = Dialogue()
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"a\""])
    try camera.answer(200)
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"b\""])
    #expect(camera.method == "DESCRIBE" && camera.asked.contains("nonce=\"b\""))
    #expect(throws: refusal) { try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"b\""]) }
    let wrong = Dialogue()
    try wrong.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"a\""])
    #expect(throws: refusal) { try wrong.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"b\""]) }
  }

  @Test("A camera that calls every login too old is asked a few times and no more")
  func forEver() throws {
    let camera = Dialogue()
    #expect(throws: Fault(.unavailable, "the camera calls every login too old, 4 times in a row")) {
      while true { try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"a\", stale=true"]) }
    }
    #expect(camera.count == 3)
  }

  @Test("A sign of life that is answered by another number is given again with that; a refusal ends no pictures")
  func keepAlive() throws {
    let camera = Dialogue()
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"a\""])
    try camera.play()
    #expect(camera.keepAlive().contains("nonce=\"a\""))
    let count = camera.count
    try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"b\""])
    #expect(camera.method == "GET_PARAMETER" && camera.asked.contains("nonce=\"b\"") && camera.count == count + 1)
    #expect(try camera.answer(200) == .wait)
    for _ in 0..<10 { try camera.answer(401, ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"c\", stale=true"]) }
    #expect(camera.count == count + 4)
  }
}
