import Base
import Catalog
import Items
import TestKit
import Testing

@testable import Delivery

struct PaceTests {
  @Test("Each later attempt waits twice as long up to a limit, and never the same for all")
  func grows() {
    var dice = SeededRandom(7)
    let pace = DeliveryPace()
    for (failures, most) in [(1, 1000), (2, 2000), (5, 16_000), (9, 256_000), (10, 300_000), (500, 300_000)] {
      let pauses = (0..<100).map { _ in pace.pause(after: failures, most: pace.longest, &dice) }
      #expect(pauses.allSatisfy { $0 >= most / 2 && $0 <= most } && Set(pauses).count > 50, "\(failures)")
    }
  }

  @Test("200 to 299 is taken, 410 is for good, everything else is tried again")
  func verdicts() {
    for status in [200, 202, 204, 299] { #expect(Telling.answered(status, retryAfter: "9").verdict == .taken) }
    #expect(Telling.answered(410, retryAfter: nil).verdict == .gone)
    for status in [400, 401, 404, 413, 500] {
      #expect(Telling.answered(status, retryAfter: "9").verdict == .again(isOfTarget: false, after: nil))
    }
    for status in [429, 502, 503, 504] {
      #expect(Telling.answered(status, retryAfter: "9").verdict == .again(isOfTarget: true, after: 9))
    }
    #expect(
      Telling.answered(503, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT").verdict == .again(isOfTarget: true, after: nil)
    )
    #expect(Telling.answered(302, retryAfter: nil).reason?.contains("no redirect is followed") == true)
  }

  @Test("A broker's address has a host and a port, and no password")
  func brokers() throws {
    #expect(try BrokerAddress("mqtt://hub").port == 1883)
    #expect(try BrokerAddress("mqtts://hub.example/").port == 8883)
    let six = try BrokerAddress("mqtts://[2001:db8::1]:9")
    #expect((six.host, six.port) == ("2001:db8::1", 9))
    #expect(try BrokerAddress("mqtts://hub:1#key=sha256//abc=").key == "sha256//abc=")
    for bad in [
      "mqtt://hub#key=sha256//abc=", "mqtts://hub#x",
      "mqtt://", "mqtt://u:p@hub", "mqtt://hub:0", "mqtt://hub:x", "mqtt://hub/a", "http://hub", "mqtt:// hub",
    ] {
      let fault = #expect(throws: Fault.self) { try BrokerAddress(bad) }
      #expect(fault?.kind == .badInput && fault?.message.contains("u:p") == false, "\(bad)")
    }
  }

  @Test(
    "A change of an event is told as its beginning, an update or its end; one that is over when it is first written is both"
  )
  func phases() {
    var random = SeededRandom(1)
    var event = StreamEvent(
      id: ULID(milliseconds: 5, using: &random), client: "c", stream: "s", rule: "r", from: 5, pipeline: "p")
    #expect(Notice.phases(of: event, before: nil) == [.start])
    #expect(Notice.phases(of: event, before: .open) == [.update])
    event.state = .over
    #expect(Notice.phases(of: event, before: .open) == [.end])
    #expect(Notice.phases(of: event, before: nil) == [.start, .end])
    #expect(Notice.phases(of: event, before: .over) == [.update])
  }
}
