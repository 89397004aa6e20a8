import Base
import Foundation
import TestKit
import Testing

@testable import Telemetry

/// Spans on their way to a stand-in for a collector that answers well, late, wrongly or not at all.
struct SendingTests {
  private let told = Monitor<[String]>([])

  private func telemetry(_ address: String, _ others: [String: String] = [:]) -> Telemetry {
    let environment = [
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": address + "/v1/traces", "OTEL_BSP_SCHEDULE_DELAY": "10",
      "OTEL_EXPORTER_OTLP_TIMEOUT": "1000",
    ].merging(others) { $1 }
    return Telemetry(TelemetrySettings(version: "1") { environment[$0] }, version: "1") { [told] sentence in
      told.update { $0.append(sentence) }
    }
  }

  private func span(_ name: String = "work", isSampled: Bool = true) -> Span {
    Span(name, at: Trace(id: 1, parent: 2, isSampled: isSampled), parent: nil, from: 1, to: 2)
  }

  private func figures(_ telemetry: Telemetry) -> TelemetryFigures { telemetry.figures[0].figures }

  @Test("Spans of traces that are kept arrive once, with the headers that were said")
  func arrives() throws {
    let collector = try CollectorDouble()
    let telemetry = telemetry(collector.address, ["OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer abc%20def"])
    for number in 0..<1500 { telemetry.record(span("s\(number)")) }
    telemetry.record(span("unkept", isSampled: false))
    telemetry.finish(within: 10)
    #expect(collector.spans.map(\.name) == (0..<1500).map { "s\($0)" })
    let request = try #require(collector.requests.first)
    #expect(request.path == "/v1/traces" && request.headers["content-type"] == "application/x-protobuf")
    #expect(request.headers["authorization"] == "Bearer abc def")
    #expect(collector.requests.allSatisfy { $0.spans.count <= 512 })
    #expect(figures(telemetry).sent == 1500 && figures(telemetry).lost == 0 && told.update { $0 } == [])
  }

  @Test("What may be taken later is sent again, after the time that is asked for", arguments: [429, 502, 503, 504])
  func again(_ status: Int) throws {
    let collector = try CollectorDouble([.status(status, headers: ["Retry-After: 1"]), .fine])
    let telemetry = telemetry(collector.address)
    let watch = Stopwatch()
    telemetry.record(span())
    try waitUntil("the span to be taken") { figures(telemetry).sent == 1 }
    #expect(
      watch.seconds >= 1 && collector.requests.count == 2 && collector.requests[0].body == collector.requests[1].body)
    telemetry.finish()
  }

  @Test("A connection that breaks, and rubbish for an answer, are tried again", arguments: [0, 1])
  func broken(_ which: Int) throws {
    let collector = try CollectorDouble([which == 0 ? .close : .rubbish, .fine])
    let telemetry = telemetry(collector.address)
    telemetry.record(span())
    try waitUntil("the span to be taken") { figures(telemetry).sent == 1 }
    telemetry.finish()
  }

  @Test(
    "What is wrong for good is dropped, told once with the reason, and the next is sent",
    arguments: [400, 401, 404, 307])
  func denied(_ status: Int) throws {
    let reason = [0x08, 3, 0x12, 4] + Array("oops".utf8)
    let no = CollectorDouble.Manner.status(
      status, headers: ["Content-Type: application/x-protobuf", "Location: http://127.0.0.1:9/"], body: reason)
    let collector = try CollectorDouble([no, no, .fine])
    let telemetry = telemetry(collector.address, ["OTEL_EXPORTER_OTLP_HEADERS": "x-key=hidden"])
    for number in 0..<3 {
      telemetry.record(span())
      try waitUntil("an answer") { figures(telemetry).sent + figures(telemetry).failed == number + 1 }
    }
    telemetry.finish()
    #expect(figures(telemetry).failed == 2 && figures(telemetry).sent == 1 && collector.requests.count == 3)
    let sentences = told.update { $0 }
    #expect(sentences.count == 2 && sentences[0].contains("it answered \(status): oops"), "\(sentences)")
    #expect(sentences.last == "2 spans were lost" && !sentences.contains { $0.contains("hidden") })
  }

  @Test("Partial success is told and counted")
  func partial() throws {
    let body: [UInt8] = [0x0a, 8, 0x08, 3, 0x12, 4] + Array("full".utf8)
    let collector = try CollectorDouble([.status(200, headers: ["Content-Type: application/x-protobuf"], body: body)])
    let telemetry = telemetry(collector.address, ["OTEL_BSP_SCHEDULE_DELAY": "300"])
    for _ in 0..<5 { telemetry.record(span()) }
    telemetry.finish()
    #expect(figures(telemetry).sent == 2 && figures(telemetry).refused == 3)
    #expect(told.update { $0 }.first?.contains("it refused some: full") == true)
  }

  @Test("An answer that says it took all, and goes on without an end, is taken for that")
  func endless() throws {
    let body = [UInt8](repeating: 7, count: 200_000)
    let collector = try CollectorDouble([.status(200, headers: ["Content-Type: application/x-protobuf"], body: body)])
    let telemetry = telemetry(collector.address)
    telemetry.record(span())
    try waitUntil("the span to be taken") { figures(telemetry).sent == 1 }
    telemetry.finish()
  }

  @Test("A collector that hangs holds up nobody: what has no room is counted, and the end comes in time")
  func hangs() throws {
    let collector = try CollectorDouble([.hang])
    let telemetry = telemetry(collector.address, ["OTEL_EXPORTER_OTLP_TIMEOUT": "60000"])
    telemetry.record(span())
    _ = try collector.wait(for: "the first request") { $0.isEmpty ? nil : true }
    var watch = Stopwatch()
    for _ in 0..<10_000 { telemetry.record(span()) }
    #expect(watch.seconds < 2)
    #expect(figures(telemetry).dropped == 10_000 - 2048)
    watch = Stopwatch()
    telemetry.finish(within: 1)
    #expect(watch.seconds < 4)
    #expect(told.update { $0 }.last == "10001 spans were lost")
  }

  @Test("Where nobody listens the end comes at once, and says what was lost")
  func refused() throws {
    let telemetry = telemetry("http://127.0.0.1:\(Ports.free())")
    for _ in 0..<3 { telemetry.record(span()) }
    let watch = Stopwatch()
    telemetry.finish(within: 5)
    #expect(watch.seconds < 4 && figures(telemetry).failed == 3)
    #expect(told.update { $0 }.last == "3 spans were lost", "\(told.update { $0 })")
  }

  @Test("A pause before another attempt ends with the program, and what waits is tried once more")
  func pauseEnds() throws {
    let collector = try CollectorDouble([.status(503, headers: ["Retry-After: 3600"]), .fine])
    let telemetry = telemetry(collector.address)
    telemetry.record(span())
    _ = try collector.wait(for: "the first request") { $0.isEmpty ? nil : true }
    usleep(100_000)
    let watch = Stopwatch()
    telemetry.finish(within: 5)
    #expect(watch.seconds < 3 && figures(telemetry).sent == 1)
  }

  @Test("Logs have a receiver of their own: what hangs for traces holds up no line")
  func apart() throws {
    let (traces, logs) = (try CollectorDouble([.hang]), try CollectorDouble())
    let telemetry = telemetry(
      traces.address,
      ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": logs.address + "/v1/logs", "OTEL_BLRP_SCHEDULE_DELAY": "10"])
    telemetry.record(span())
    _ = try traces.wait(for: "the first request") { $0.isEmpty ? nil : true }
    telemetry.log(LogRecord(.error, "broken"))
    let line = try logs.wait(for: "the line") { $0.flatMap(\.lines).first }
    #expect(line.text == "broken" && telemetry.figures.map(\.signal) == ["traces", "logs"])
    telemetry.finish(within: 0.2)
  }

  @Test("Work stands in its caller's trace, or in one that it names")
  func places() throws {
    let telemetry = telemetry("http://127.0.0.1:9", ["OTEL_TRACES_SAMPLER": "parentbased_always_off"])
    let caller = try #require(Trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    let place = telemetry.place(under: caller, span: 5)
    #expect(place.id == caller.id && place.parent == 5 && place.isSampled)
    let own = telemetry.place(under: nil, root: 77)
    #expect(own.id == 77 && own.parent != 0 && !own.isSampled)
    let inner = Telemetry.place(within: place)
    #expect(inner.id == place.id && inner.parent != place.parent && inner.isSampled)
    telemetry.finish(within: 0)
    let logs = self.telemetry(
      "http://127.0.0.1:9", ["OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"])
    #expect(logs.place(under: caller).isSampled && !logs.place(under: nil).isSampled && logs.takesLogs)
    logs.finish(within: 0)
  }
}
