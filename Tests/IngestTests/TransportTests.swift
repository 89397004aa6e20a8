import Base
import Testing

@testable import Ingest

struct TransportTests {
  private func answer(_ status: Int, _ headers: [(String, String)] = [], _ body: String = "") -> RTSPMessage {
    var message = RTSPMessage(.answer(status: status, phrase: "x"), headers: headers.map { ($0.0.lowercased(), $0.1) })
    message.body = Array(body.utf8)
    return message
  }

  @Test("A camera that does not send by one transport is asked by the other, once")
  func change() throws {
    var session = RTSPSession("rtsp://cam/main", transport: .interleaved)
    _ = session.begin()
    _ = try session.take(answer(200))
    _ = try session.take(answer(200, [], "m=video 0 RTP/AVP 26\na=control:one\n"))
    let next = try session.take(answer(461))
    #expect(next == .changeTransport)
    let asked = String(decoding: session.change(to: .datagrams(port: 5004)), as: UTF8.self)
    #expect(asked.hasPrefix("SETUP rtsp://cam/main/one ") && asked.contains("RTP/AVP;unicast;client_port=5004-5005"))
    #expect(throws: Fault(.unsupported, "the camera sends neither over its connection nor over UDP (461 x)")) {
      try session.take(answer(461))
    }
  }

  @Test("A camera that says so while its pictures come is left for another address")
  func redirect() throws {
    var session = RTSPSession("rtsp://cam/", transport: .interleaved)
    let next = try session.take(
      RTSPMessage(.request(method: "REDIRECT", address: "rtsp://cam/"), headers: [("location", "rtsp://other/")]))
    #expect(next == .goTo("rtsp://other/"))
  }
}
