import Base
import TestKit
import Testing

@testable import Telemetry

/// What is sent, read by the numbers of opentelemetry-proto without the code that wrote it.
struct OTLPMessageTests {
  private static let resource = [Attribute("service.name", "ridley"), Attribute("process.pid", 7)]

  private static func request(_ path: String, _ body: [UInt8]) -> CollectorDouble.Request {
    CollectorDouble.Request(path: path, body: body)
  }

  @Test("A span with all that it may have")
  func span() throws {
    let place = Trace(id: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10, parent: 0xa1, isSampled: true)
    let now = Clock.now
    var span = Span("POST /v1/x", .server, at: place, parent: 0xb2, from: now, to: now + 1_500_000)
    span.attributes = [
      Attribute("text", "été"), Attribute("empty", ""), Attribute("number", -5), Attribute("zero", 0),
      Attribute("yes", true), Attribute("no", false), Attribute("long", String(repeating: "é", count: 2000)),
    ]
    span.links = [Trace(id: 1, parent: 2, isSampled: true)]
    (span.error, span.state) = ("broken", "rojo=1")
    let body = OTLPMessage.spans([span], of: Self.resource, scope: "1.2", WallClock())
    let request = Self.request("/v1/traces", body)
    #expect(request.resource == ["service.name": "ridley", "process.pid": "7"])
    let told = try #require(request.spans.first)
    #expect(told.trace == "0102030405060708090a0b0c0d0e0f10" && told.id == "00000000000000a1")
    #expect(told.parent == "00000000000000b2" && told.name == "POST /v1/x" && told.kind == 2 && told.state == "rojo=1")
    #expect(told.end - told.start == 1_500_000 && told.error == "broken")
    #expect(abs(Double(told.start) / 1e9 - Clock.seconds) < 10)
    #expect(told.links == ["00000000000000000000000000000001-0000000000000002"])
    let attributes = told.attributes
    #expect(attributes["text"] == "été" && attributes["empty"] == "" && attributes["number"] == "-5")
    #expect(attributes["zero"] == "0" && attributes["yes"] == "true" && attributes["no"] == "false")
    #expect(attributes["long"] == String(repeating: "é", count: 512))
  }

  @Test("Many spans, the first of a trace without a parent, and one that ends before it begins")
  func spans() {
    let place = Trace(id: 1, parent: 1, isSampled: true)
    let spans = (0..<600).map { Span("s\($0)", at: place, parent: nil, from: 9, to: 3) }
    let told = Self.request("/v1/traces", OTLPMessage.spans(spans, of: [], scope: "", WallClock())).spans
    #expect(told.map(\.name) == spans.map(\.name))
    #expect(told.allSatisfy { $0.parent == "" && $0.error == nil && $0.kind == 1 && $0.start == $0.end })
  }

  @Test("A line of a log, with a trace and without")
  func lines() throws {
    let place = Trace(id: 0xff, parent: 0xee, isSampled: false)
    let records = [
      LogRecord(.error, "broken", [Attribute("a", 1)], at: place),
      LogRecord(.information, String(repeating: "a", count: 5000)),
    ]
    let told = Self.request("/v1/logs", OTLPMessage.logs(records, of: Self.resource, scope: "1", WallClock())).lines
    try #require(told.count == 2)
    #expect(
      told[0].severity == 17 && told[0].word == "ERROR" && told[0].text == "broken" && told[0].attributes == ["a": "1"])
    #expect(told[0].trace == String(repeating: "0", count: 30) + "ff" && told[0].span == "00000000000000ee")
    #expect(told[1].severity == 9 && told[1].word == "INFO" && told[1].text.utf8.count == 4096)
    #expect(told[1].trace == "" && told[1].span == "")
    #expect(abs(Double(told[1].time) / 1e9 - Clock.seconds) < 10)
  }

  @Test("Answers: partial success, its warning alone, all taken, an error's reason, and bytes that are none of these")
  func answers() throws {
    // partial_success { rejected_spans: 3, error_message: "full" }
    let partial = try #require(OTLPMessage.refusal(in: [0x0a, 8, 0x08, 3, 0x12, 4] + Array("full".utf8)))
    #expect(partial == (3, "full"))
    let warning = try #require(OTLPMessage.refusal(in: [0x0a, 6, 0x12, 4] + Array("slow".utf8)))
    #expect(warning == (0, "slow"))
    #expect(OTLPMessage.refusal(in: []) == nil && OTLPMessage.refusal(in: [0x0a, 0]) == nil)
    #expect(OTLPMessage.reason(in: [0x08, 3, 0x12, 2] + Array("no".utf8)) == "no")
    var random = SeededRandom(5)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect((OTLPMessage.refusal(in: bytes)?.count ?? 0) >= 0)
      _ = OTLPMessage.reason(in: bytes)
    }
  }
}
