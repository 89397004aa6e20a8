import Base
import Foundation
import TestKit
import Testing

/// Zones, lines, rules and events, as `ridley analyze` tells them.
@Suite(.serialized, .ownThread) struct EventCommandTests {
  private let folder = TemporaryFolder()

  private func lines(_ path: String) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// Counted by eye on 2026-11-28.
  ///
  /// On every sixth frame of 377 in contact sheets (`ffmpeg -vf "select='not(mod(n,6))',tile=5x5"`): a white
  /// car comes up (frames 60 to 102), a red one up (192 to 234) beside a silver one that goes down (186 to 228), and a white one goes
  /// down (318 to 342). So over a line across the middle two go up and two down. From so high above the network takes most of them for
  /// telephones and suitcases, so every label counts.
  @Test(
    "Cars in car-detection.mp4 are counted as by hand, and the same with one worker and with three",
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func cars() throws {
    #expect(Program.pull("yolox-nano").status == 0)
    let pipeline = folder.file("cars.yaml")
    try Data(
      """
      infer: yolox-nano
      zones:
        road: {polygon: [[0, 0.25], [1, 0.25], [1, 0.75], [0, 0.75]], anchor: center}
      lines:
        middle: {points: [[0, 0.5], [1, 0.5]], anchor: center}
      track: {high: 0.15, new: 0.15, low: 0.05}
      rules:
        upwards: {line: middle, direction: out}
      """.utf8
    ).write(to: URL(filePath: pipeline))
    let clip = TestData.path("intel-iot-devkit+sample-videos/car-detection.mp4")
    func run(_ name: String, _ more: [String]) throws -> (events: String, json: [String: Any]) {
      let ran = Program.run(["analyze", clip, "--pipeline", pipeline, "--output", folder.file(name), "--json"] + more)
      try #require(ran.status == 0, "\(ran.errors)")
      return (try String(contentsOfFile: folder.file(name) + "/events.jsonl", encoding: .utf8), ran.json)
    }
    let one = try run("one", [])
    let told = try lines(folder.file("one") + "/events.jsonl")
    let crossings = told.filter { $0["kind"] as? String == "crossing" }
    #expect(crossings.compactMap { $0["direction"] as? String } == ["out", "in", "out", "in"])
    let frames = crossings.compactMap { $0["frame"] as? Int }
    for (frame, span) in zip(frames, [60...102, 186...228, 192...234, 318...342]) { #expect(span.contains(frame)) }
    let events = told.filter { $0["kind"] as? String == "event" }
    #expect(events.count == 2 && events.allSatisfy { $0["rule"] as? String == "upwards" && $0["count"] as? Int == 1 })
    #expect(Set(told.filter { $0["kind"] as? String == "visit" }.compactMap { $0["track"] as? Int }).count >= 4)
    let file = try #require((one.json["files"] as? [[String: Any]])?.first)
    #expect((file["events"] as? [Any])?.count == told.count)
    let steps = try #require((file["summary"] as? [String: Any])?["steps"] as? [[String: Any]])
    #expect(steps.contains { $0["name"] as? String == "middle" && $0["in"] as? Int == 2 && $0["out"] as? Int == 2 })
    #expect(try run("three", ["--workers", "3"]).events == one.events)
  }
}
