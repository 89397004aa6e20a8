import Foundation
import TestKit
import Testing

/// A film as a file and as a camera.
@Suite(.serialized, .ownThread) struct SameEventsTests {
  private let scratch = TemporaryFolder()

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// What is told of a film that is played as a camera.
  private func watch(_ film: String, _ pipeline: String) async throws -> [[String: Any]] {
    let watched = await shellAside(
      [Program.path, "watch", film, "--pipeline", pipeline, "--json", "--budget", "30s"],
      environment: [
        "RIDLEY_MODELS": Program.models, "RIDLEY_HOME": scratch.file("h"), "RIDLEY_CACHE": scratch.file("c"),
      ])
    try #require(watched.status == 0, "\(watched.errors)")
    return try objects(watched.output)
  }

  /// What is the same of a line on both ways.
  private func plain(_ object: [String: Any], without keys: Set<String>) throws -> String {
    let left = object.filter { !keys.contains($0.key) }
    return String(decoding: try JSONSerialization.data(withJSONObject: left, options: .sortedKeys), as: UTF8.self)
  }

  @Test(
    "A film through 'analyze', and played as a camera with nothing dropped, gives the same predictions, tracks and events",
    .timeLimit(.minutes(20)))
  func same() async throws {
    let (film, pipeline, out) = (try await film(), scratch.file("p.yaml"), scratch.file("out"))
    try Data(
      """
      infer: {model: line-inspector, threshold: 0.3}
      zones: {left: {polygon: [[0.1, 0], [0.3, 0], [0.3, 1], [0.1, 1]], anchor: center}}
      lines: {middle: {points: [[0.5, 0], [0.5, 1]], anchor: center}}
      track: {high: 0.5, new: 0.6, buffer: 4s}
      rules: {seen: {votes: 2 of 3}, there: {zone: left, dwell: 1s}, passing: {line: middle}}
      """.utf8
    ).write(to: URL(filePath: pipeline))
    let analyzed = Program.run(["analyze", film, "--pipeline", pipeline, "--output", out, "--quiet"])
    try #require(analyzed.status == 0, "\(analyzed.errors)")
    for attempt in 1...3 {
      let lines = try await watch(film, pipeline)
      let figures = try #require((lines.last?["streams"] as? [[String: Any]])?.first)
      // Only where nothing was dropped is anything promised.
      let drops = try #require(figures["drops"] as? [String: Int]).values.reduce(0, +)
      guard drops > 0 else { return try compare(lines.dropLast(), figures, with: out) }
      try #require(attempt < 3, "pictures were dropped three times: \(figures)")
    }
  }

  @Test(
    "On a still scene the gate saves nine of ten inferences at least, and no labelled event behind it is missed",
    .timeLimit(.minutes(20)))
  func still() async throws {
    let (film, truth, pipeline) = (scratch.file("still.mp4"), scratch.file("truth.json"), scratch.file("p.yaml"))
    let (stillness, rate) = (30.0, 25.0)
    let fixture = Checkout.path + "/Tests/Fixtures/crossing.py"
    let made = await shellAside(["/usr/bin/python3", fixture, film, truth, String(Int(stillness))])
    try #require(made.status == 0, "\(made.errors)")
    let zones = ["left": (0.1, 0.3), "right": (0.7, 0.9)]
    try Data(
      """
      gate: {motion: 1%}
      infer: {model: line-inspector, threshold: 0.3}
      zones:
        left: {polygon: [[0.1, 0], [0.3, 0], [0.3, 1], [0.1, 1]], anchor: center}
        right: {polygon: [[0.7, 0], [0.9, 0], [0.9, 1], [0.7, 1]], anchor: center}
      track: {high: 0.5, new: 0.6}
      rules: {left: {zone: left, votes: 2 of 3, hold: 300ms}, right: {zone: right, votes: 2 of 3, hold: 300ms}}
      """.utf8
    ).write(to: URL(filePath: pipeline))
    let lines = try await watch(film, pipeline)
    let looks = lines.compactMap { $0["predictions"] == nil ? nil : $0["time"] as? Double }
    // What was before the first movement passes with it.
    let share = Double(looks.count { $0 < stillness - 0.6 }) / ((stillness - 0.6) * rate)
    let events = lines.filter { $0["kind"] as? String == "event" && $0["phase"] as? String == "end" }
    let labelled = try self.labelled(in: truth, zones)
    print(
      "still scene: \(Int((1 - share) * 1000)) of 1000 inferences saved; \(events.count) of \(labelled.count) events")
    #expect(share <= 0.1 && looks.count > 50, "\(looks)")
    #expect(events.count == labelled.count && labelled.count == 4)
    for one in labelled {
      let found = events.filter { event in
        guard let from = event["from"] as? Double, let to = event["to"] as? Double else { return false }
        return event["zone"] as? String == one.zone && abs(from - one.from) < 0.6 && abs(to - one.to) < 0.6
      }
      #expect(found.count == 1 && found.first?["label"] as? String == one.label, "\(one): \(events)")
    }
  }

  /// Which part is in which zone, and when: the first is whole, the second scratched.
  private func labelled(
    in truth: String, _ zones: [String: (Double, Double)]
  ) throws -> [(zone: String, label: String, from: Double, to: Double)] {
    let told = try objects(String(contentsOfFile: truth, encoding: .utf8))[0]
    let (parts, fps) = (try #require(told["parts"] as? [[[String: Any]]]), try #require(told["fps"] as? Double))
    return try zip(parts, ["good", "scratch"]).flatMap { part, label in
      try zones.map { zone, range in
        let inside = part.indices.filter { index in
          let box = part[index]["box"] as? [Double] ?? []
          return part[index]["visible"] as? Double ?? 0 > 0 && (range.0...range.1).contains(box[0] + box[2] / 2)
        }
        let (first, last) = (try #require(inside.first), try #require(inside.last))
        return (zone, label, Double(first) / fps, Double(last) / fps)
      }
    }
  }

  /// Half of the speed leaves time for every picture on a busy machine.
  private func film() async throws -> String {
    let (drawn, film) = (scratch.file("drawn.mp4"), scratch.file("film.mp4"))
    let fixture = Checkout.path + "/Tests/Fixtures/crossing.py"
    let made = await shellAside(["/usr/bin/python3", fixture, drawn, scratch.file("truth.json")])
    try #require(made.status == 0, "\(made.errors)")
    let slow = await shellAside([
      "ffmpeg", "-v", "error", "-i", drawn, "-vf", "setpts=2*PTS", "-r", "25/2", "-c:v", "libx264", "-bf", "0", film,
    ])
    try #require(slow.status == 0, "\(slow.errors)")
    return film
  }

  private func compare(
    _ lines: ArraySlice<[String: Any]>, _ figures: [String: Any], with out: String
  ) throws {
    var (live, pictures) = ([String](), [String]())
    for line in lines {
      if let kind = line["kind"] as? String {
        guard kind != "event" || line["phase"] as? String == "end" else { continue }
        live.append(try plain(line, without: ["stream", "origin"]))
      }
      for prediction in line["predictions"] as? [[String: Any]] ?? [] {
        pictures.append("\(line["frame"]!) " + (try plain(prediction, without: [])))
      }
    }
    let events = try objects(String(contentsOfFile: out + "/events.jsonl", encoding: .utf8))
    #expect(try live == events.map { try plain($0, without: ["file"]) })
    #expect(events.count >= 5, "\(events)")
    let predictions = try objects(String(contentsOfFile: out + "/predictions.jsonl", encoding: .utf8))
    let analyzed = try predictions.map {
      "\($0["frame"]!) " + (try plain($0, without: ["file", "frame", "pts", "time"]))
    }
    #expect(pictures == analyzed && pictures.count > 100)
    let counted = try #require((figures["lines"] as? [[String: Any]])?.first)
    for way in ["in", "out"] {
      #expect(counted[way] as? Int == events.count { $0["direction"] as? String == way && $0["track"] != nil })
    }
  }
}
