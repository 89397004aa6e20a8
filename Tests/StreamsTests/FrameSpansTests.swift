import Base
import Telemetry
import TestKit
import Testing

@testable import Streams

/// Pictures of a live stream in traces: few, and each from when it came until it was told of.
struct FrameSpansTests {
  private func settings(_ collector: CollectorDouble, frames: String, sampler: String = "always_on") throws
    -> (LiveStream.Settings, Telemetry)
  {
    let environment = [
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "\(collector.address)/v1/traces", "RIDLEY_TELEMETRY_FRAMES": frames,
      "OTEL_TRACES_SAMPLER": sampler,
    ]
    let telemetry = Telemetry(TelemetrySettings(version: "0") { environment[$0] }, version: "0") { _ in }
    var settings = LiveStream.Settings(name: "local/dock", source: try StreamSource("rtsp://camera/"))
    settings.telemetry = telemetry
    return (settings, telemetry)
  }

  @Test("One picture in so many seconds begins a trace, and what was found in it is told with its steps")
  func one() throws {
    let collector = try CollectorDouble()
    let (settings, telemetry) = try settings(collector, frames: "3600")
    let spans = try #require(FrameSpans(settings))
    let came = Clock.now
    for index in 5..<50 { spans.take(index) }
    let place = try #require(spans.trace(of: 5))
    #expect((6..<50).allSatisfy { spans.trace(of: $0) == nil })
    let answered = Clock.now
    for index in 5..<50 { spans.told(index, came: came, turn: came + 1, answered: answered, found: 3) }
    #expect(spans.trace(of: 5) == nil)
    telemetry.finish()
    let told = collector.spans
    #expect(told.map(\.name) == ["decode", "events", "frame"])
    let frame = try #require(told.last)
    #expect(frame.trace == place.idText && frame.id == place.parentText && frame.parent == "")
    #expect(frame.attributes == ["ridley.stream": "local/dock", "ridley.frame": "5", "ridley.predictions": "3"])
    #expect(told.dropLast().allSatisfy { $0.parent == frame.id && frame.start <= $0.start && $0.end <= frame.end })
  }

  @Test("A picture without an answer is told of with the reason; none where no trace is kept, or none is wanted")
  func lost() throws {
    let collector = try CollectorDouble()
    let (settings, telemetry) = try settings(collector, frames: "0.0001")
    let spans = try #require(FrameSpans(settings))
    spans.take(1)
    spans.lost(1, came: Clock.now, "the deadline passed")
    let (off, quiet) = try self.settings(collector, frames: "0")
    #expect(FrameSpans(off) == nil && FrameSpans(LiveStream.Settings(name: "a", source: off.source)) == nil)
    let (unkept, silent) = try self.settings(collector, frames: "0.0001", sampler: "always_off")
    let others = try #require(FrameSpans(unkept))
    others.take(1)
    #expect(others.trace(of: 1) == nil)
    for one in [telemetry, quiet, silent] { one.finish() }
    #expect(collector.spans.map(\.error) == ["the deadline passed"])
  }
}
