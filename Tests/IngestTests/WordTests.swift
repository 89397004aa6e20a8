import Base
import Testing

@testable import Ingest

struct WordTests {
  @Test("A camera that names no channels takes those that were asked for; one that names ports sends elsewhere")
  func channels() throws {
    for told in ["RTP/AVP/TCP;unicast", "RTP/AVP/TCP ; interleaved=0-1 ; ssrc=1"] {
      let camera = Dialogue()
      try camera.play(["Session": "1", "Transport": told])
      #expect(camera.session.channels == (0, 1))
    }
    let silent = Dialogue()
    try silent.play(["Session": "1"])
    #expect(silent.session.channels == (0, 1))
    let other = Dialogue()
    #expect(
      throws: Fault(
        .unsupported, "the camera does not send over its connection: ask it by 'rtspu://', for packets over UDP")
    ) { try other.play(["Session": "1", "Transport": "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001"]) }
  }

  @Test("Spaces around words are none of theirs: in addresses, sessions, times and parameters")
  func spaces() throws {
    let camera = Dialogue()
    try camera.answer(200)
    try camera.answer(200, ["Content-Base": "rtsp://cam/base/  \t"], Dialogue.description)
    #expect(camera.asked.hasPrefix("SETUP rtsp://cam/base/trackID=1 RTSP/1.0\r\n"), "\(camera.asked)")
    try camera.answer(200, ["Session ": " 12 ; timeout = 20 "])
    #expect(camera.asked.contains("Session: 12\r\n") && camera.session.timeout == 20)
    let sets = { (text: String) in
      try SessionDescription("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000 \na=fmtp:96 \(text)\n").video().format
        .parameters
    }
    let told = try sets("packetization-mode=1;sprop-parameter-sets=Z00AKQ==,aO48gA==")
    #expect(told.count == 16)
    for text in ["Z00AKQ==, aO48gA== ", "Z00AKQ== ,aO48gA", "\"Z00AKQ==,aO48gA==\""] {
      #expect(try sets("packetization-mode=1 ; sprop-parameter-sets = \(text)") == told, "\(text)")
    }
  }

  @Test("A session of a few seconds is kept alive within them")
  func timeout() throws {
    let camera = Dialogue()
    try camera.play(["Session": "1;timeout=2"])
    #expect(camera.session.timeout == 2)
    let strange = Dialogue()
    try strange.play(["Session": "1;timeout=0"])
    #expect(strange.session.timeout == 60)
  }

  @Test("A camera that knows no GET_PARAMETER, or hung up at it, is asked by OPTIONS; in the end it is told goodbye")
  func signs() throws {
    let camera = Dialogue(account: nil)
    try camera.play()
    #expect(camera.keepAlive().hasPrefix("GET_PARAMETER ") && camera.session.awaitsParameter)
    try camera.answer(501)
    #expect(camera.keepAlive().hasPrefix("OPTIONS ") && !camera.session.awaitsParameter)
    let rude = Dialogue(account: nil)
    rude.session.avoidsParameters = true
    try rude.play()
    #expect(rude.keepAlive().hasPrefix("OPTIONS "))
    let end = String(decoding: rude.session.end(), as: UTF8.self)
    #expect(end.hasPrefix("TEARDOWN rtsp://cam/main RTSP/1.0\r\n") && end.contains("Session: 1\r\n"))
  }
}
