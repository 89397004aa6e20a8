import Base
import JSON
import Pipelines
import Testing

@testable import Placement

/// A node in the place of this machine.
struct EdgeNodeTests {
  private func node(_ report: String) throws -> EdgeNode {
    let text = #"{"node":"dock","quiet":3.5,"report":\#(report)}"#
    return try EdgeNode("dock", try JSONDocument(parsing: Array(text.utf8).span.bytes, name: "the answer").root)
  }

  private static let whole = #"""
    {"node": {"cores": 4, "memory": {"bytes": 2147483648, "own": 1}}, "streams": {"streams": []},
     "models": {"models": [
       {"model": "parts", "version": "1", "state": "ready", "digest": "sha256:a", "inference_seconds": 0.08},
       {"model": "colour", "version": "1", "state": "ready", "digest": "sha256:b"},
       {"model": "colour", "version": "2", "state": "unavailable"}]},
     "ledger": {"rate": 250000, "sent_bytes": 1}}
    """#

  @Test("What a node says of itself is read, and what it does not say is not known")
  func read() throws {
    let dock = try node(Self.whole)
    #expect(dock.cores == 4 && dock.memoryBytes == 2 << 30 && dock.quiet == 3.5 && dock.linkRate == 2e6)
    #expect(dock.inferenceSeconds == ["sha256:a": 0.08])
    let small = try node(#"{"node": {"cores": 1}}"#)
    #expect(small.memoryBytes == nil && small.linkRate == nil && small.inferenceSeconds.isEmpty)
    try dock.check("parts", "sha256:a")
    let missing = #expect(throws: Fault.self) { try dock.check("colour", "sha256:b") }
    #expect(
      missing?.kind == .notFound && missing?.message.contains("has not reported what an inference of 'colour'") == true)
  }

  @Test(
    "What no node says is a fault, and never a figure",
    arguments: [
      "{}", "[]", "7", #"{"node": {}}"#, #"{"node": {"cores": 0}}"#, #"{"node": {"cores": 9223372036854775807}}"#,
      #"{"node": {"cores": 1, "memory": {"bytes": -1}}}"#, #"{"node": {"cores": 1}, "ledger": {"rate": 0}}"#,
      #"{"node": {"cores": 1}, "models": {"models": [{"digest": "a", "inference_seconds": 0}]}}"#,
      #"{"node": {"cores": 1}, "models": {"models": [{"digest": "a", "inference_seconds": 1e300}]}}"#,
      #"{"node": {"cores": 1}, "models": {"models": [{"digest": "a", "inference_seconds": "x"}]}}"#,
      #"{"node": {"cores": 1}, "models": {"models": {}}}"#,
    ])
  func hostile(report: String) {
    #expect(throws: Fault.self) { _ = try node(report) }
  }

  /// Two networks, asked a hundred times and twenty times in ten seconds.
  private var figures: PlacementFigures {
    var parts = PlacementFigures.Network(name: "parts", count: 100)
    (parts.edgeSeconds, parts.centreSeconds, parts.questionBytes) = (0.05, 0.01, 50_000)
    (parts.processorSeconds, parts.nodeSeconds) = (0.04, 0.12)
    var colour = PlacementFigures.Network(name: "colour", count: 20, looksAtCrops: true)
    (colour.edgeSeconds, colour.centreSeconds, colour.questionBytes) = (0.02, 0.005, 10_000)
    (colour.processorSeconds, colour.nodeSeconds) = (0.05, 0.05)
    var figures = PlacementFigures(
      sampleSeconds: 10, filmSeconds: 60, filmBytes: 6_000_000, frames: 100, eventBytes: 400, networks: [parts, colour])
    figures.edge = [
      .frames: .init(seconds: 1, processorSeconds: 1), .events: .init(seconds: 4, processorSeconds: 6),
    ]
    return figures
  }

  private func dock(cores: Int) throws -> EdgeNode { try node(#"{"node": {"cores": \#(cores)}}"#) }

  @Test("The edge's part takes as much longer as its inferences do, on no more cores than the node has")
  func scale() throws {
    var pipeline = Pipeline(infer: [
      Pipeline.Infer(name: "parts", model: "a"), Pipeline.Infer(name: "colour", model: "b"),
    ])
    pipeline.infer[1].on = 0
    let link = PlacementLink(up: 1e9, down: 1e9, roundTrip: 0, flight: 64)
    func forecasts(_ figures: PlacementFigures) -> [Cut: PlacementForecast] {
      Dictionary(uniqueKeysWithValues: PlacementForecast.all(pipeline, figures, link, nil).map { ($0.cut, $0) })
    }
    let here = forecasts(figures)
    var there = figures
    try there.put(dock(cores: 4))
    // 100 × 0.12 + 20 × 0.05 over 100 × 0.04 + 20 × 0.05.
    let ratio = 13.0 / 5
    #expect(((there.node?.ratio ?? 0) - ratio).magnitude < 1e-12)
    let wide = forecasts(there)
    #expect(((wide[.events]?.load ?? 0) - 0.4 * ratio).magnitude < 1e-9)
    #expect(((wide[.frames]?.load ?? 0) - 0.1 * ratio).magnitude < 1e-9, "the rest of the edge's part is scaled too")
    // What the centre takes follows of this machine and the centre, whoever is at the edge.
    #expect(wide[.film] == here[.film])
    try there.put(dock(cores: 1))
    // Six seconds of processors in four: one and a half cores were busy here, and one is there.
    #expect(((forecasts(there)[.events]?.load ?? 0) - 0.6 * ratio).magnitude < 1e-9)
    #expect(((forecasts(there)[.frames]?.load ?? 0) - 0.1 * ratio).magnitude < 1e-9)
  }

  @Test("Where nothing was asked one inference of each counts, and where nothing is known of both that is told")
  func unknown() throws {
    var quiet = figures
    for index in quiet.networks.indices { quiet.networks[index].count = 0 }
    try quiet.put(dock(cores: 4))
    #expect(((quiet.node?.ratio ?? 0) - 0.17 / 0.09).magnitude < 1e-12)
    var none = figures
    for index in none.networks.indices { none.networks[index].processorSeconds = nil }
    let fault = #expect(throws: Fault.self) { try none.put(dock(cores: 4)) }
    #expect(fault?.message.contains("run 'ridley place' on the node itself") == true && none.node == nil)
  }
}
