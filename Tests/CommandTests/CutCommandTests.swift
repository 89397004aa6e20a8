import Foundation
import TestKit
import Testing

/// Pipelines whose work is cut between this machine and a server.
///
/// The film is two seconds each of red, green and blue, and the networks find one box for each colour.
@Suite(.serialized) struct CutCommandTests {
  private let folder = TemporaryFolder()
  private let server: LibraryServer

  private static let gated = """
    gate: {motion: 1%, hold: 500ms, lead: 200ms}
    infer: planted
    zones: {all: [[0, 0], [1, 0], [1, 1], [0, 1]]}
    track: {high: 0.5, new: 0.5}
    rules: {verdant: {labels: green, zone: all, dwell: 300ms}}
    """
  private static let cropped = """
    infer:
      - {name: parts, model: planted}
      - {name: colour, model: colours, on: parts}
    zones: {all: [[0, 0], [1, 0], [1, 1], [0, 1]]}
    track: {on: parts, high: 0.5, new: 0.5}
    smooth: {of: colour, by: track, votes: 2 of 3}
    rules: {seen: {zone: all, dwell: 300ms}}
    """

  init() throws {
    try PlantedDetector.write(to: folder.file("models/planted/1"))
    try PlantedDetector.writeClassifier(to: folder.file("models/colours/1"))
    let colours = ["red", "lime", "blue"].flatMap { ["-f", "lavfi", "-i", "color=\($0):s=64x48:r=10:d=2"] }
    let made = shell(
      ["ffmpeg", "-v", "error", "-y"] + colours + ["-filter_complex", "[0][1][2]concat=n=3", "-c:v", "libx264"]
        + ["-preset", "ultrafast", "-pix_fmt", "yuv420p", folder.file("film.mp4")])
    try #require(made.status == 0, "\(made.errors)")
    for (name, text) in [("gated", Self.gated), ("cropped", Self.cropped)] {
      try Data(text.utf8).write(to: URL(filePath: folder.file("\(name).yaml")))
    }
    server = try LibraryServer(folder)
    let place = server.address.replacing("http://", with: "")
    try waitUntil("the models to be ready") { Program.run(["health", place]).status == 0 }
  }

  private func analyze(
    _ pipeline: String, _ output: String, _ more: [String] = [], film: String? = nil, models: String = "models"
  ) -> ShellResult {
    Program.run(
      ["analyze", film ?? folder.file("film.mp4"), "--pipeline", folder.file("\(pipeline).yaml")]
        + ["--models", folder.file(models), "--output", folder.file(output), "--force"] + more)
  }

  private func report(_ output: String) throws -> [String] {
    try ["events.jsonl", "predictions.jsonl"].map {
      try String(contentsOfFile: folder.file("\(output)/\($0)"), encoding: .utf8)
    }
  }

  private func isWhole(_ output: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.file("\(output)/summary.json"))
  }

  @Test(
    "Every cut of a pipeline tells the same events and predictions, byte for byte", arguments: ["gated", "cropped"])
  func same(_ pipeline: String) throws {
    let whole = analyze(pipeline, "whole")
    try #require(whole.status == 0, "\(whole.errors)")
    let wanted = try report("whole")
    #expect(wanted.allSatisfy { !$0.isEmpty })
    var asked: [String: Int] = [:]
    for cut in pipeline == "gated" ? ["frames", "events"] : ["frames", "crops", "events"] {
      let relay = try CentreRelay(to: server.address)
      let ran = analyze(pipeline, cut, ["--centre", relay.address, "--cut", cut])
      try #require(ran.status == 0, "\(ran.errors)")
      #expect(try report(cut) == wanted, "\(cut)")
      asked[cut] = try relay.questions()
    }
    // What the edge's gate lets go is not asked about, and a network that is asked here is not asked there.
    let frames = try #require(asked["frames"])
    #expect(frames > 0 && asked["events"] == 0)
    if pipeline == "gated" { #expect(frames < 60) } else { #expect((1..<frames).contains(asked["crops"] ?? 0)) }
    // All at the centre: it is given the film.
    let edge = try LocalServer(folder: folder.path)
    let film = analyze(pipeline, "film", film: "\(edge.address)/film.mp4")
    try #require(film.status == 0, "\(film.errors)")
    #expect(try report("film") == wanted)
  }

  @Test("A model alone asks a centre as well, and a centre that is busy is asked again")
  func busy() throws {
    let words = [
      "analyze", folder.file("film.mp4"), "--model", "planted", "--models", folder.file("models"), "--force",
    ]
    let here = Program.run(words + ["--output", folder.file("whole")])
    try #require(here.status == 0, "\(here.errors)")
    let relay = try CentreRelay(to: server.address, .init(refuses: 3))
    let there = Program.run(
      words + ["--output", folder.file("cut"), "--centre", relay.address, "--cut", "frames", "--flight", "2"])
    try #require(there.status == 0, "\(there.errors)")
    let predictions = try ["whole", "cut"].map {
      try String(contentsOfFile: folder.file("\($0)/predictions.jsonl"), encoding: .utf8)
    }
    #expect(predictions[0] == predictions[1] && !predictions[0].isEmpty)
    #expect(try relay.questions() == 63)
  }

  @Test("A centre that dies midway ends the run by its name, and no half of it stands for the whole")
  func death() throws {
    let relay = try CentreRelay(to: server.address, .init(diesAfter: 5))
    let ran = analyze("cropped", "out", ["--centre", relay.address, "--cut", "frames", "--patience", "500ms"])
    #expect(ran.status != 0)
    let host = relay.address.replacing("http://", with: "")
    #expect(
      ran.errors.contains("the centre \(host) gave no answer about"), "\(ran)")
    #expect(!isWhole("out"))
  }

  @Test("A centre with another version is refused before it is asked, and one that changes midway ends the run")
  func versions() throws {
    try PlantedDetector.write(to: folder.file("edge/planted/1"), taking: 0.5)
    let relay = try CentreRelay(to: server.address)
    let other = analyze("gated", "other", ["--centre", relay.address, "--cut", "frames"], models: "edge")
    #expect(other.status != 0 && other.errors.contains("has another 'planted'"), "\(other)")
    #expect(try relay.questions() == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("other")))
    let fickle = try CentreRelay(to: server.address, .init(changesAfter: 5))
    let changed = analyze("gated", "changed", ["--centre", fickle.address, "--cut", "frames"])
    #expect(changed.status != 0 && changed.errors.contains("another version of 'planted'"), "\(changed)")
    #expect(!isWhole("changed"))
    let none = Program.run([
      "analyze", folder.file("film.mp4"), "--model", "line-inspector", "--output", folder.file("none"), "--centre",
      server.address, "--cut", "frames",
    ])
    #expect(none.status != 0 && none.errors.contains("serves no model 'line-inspector'"), "\(none)")
  }

  @Test("A cut that cannot be had is refused with the reason")
  func refusals() {
    let centre = ["--centre", server.address]
    // What is done to a picture's numbers is done at the centre, as its own version says.
    let other = Program.run(
      ["analyze", folder.file("film.mp4"), "--model", "planted", "--models", folder.file("models"), "--mean", "10"]
        + ["--output", folder.file("out"), "--cut", "frames"] + centre)
    #expect(other.status != 0 && other.errors.contains("otherwise here than the centre"), "\(other)")
    #expect(analyze("gated", "out", ["--cut", "frames"]).errors.contains("say --centre URL"))
    #expect(analyze("gated", "out", centre).errors.contains("--cut frames, crops or events"))
    #expect(analyze("gated", "out", centre + ["--cut", "crops"]).errors.contains("cannot be cut at 'crops'"))
    #expect(analyze("gated", "out", ["--flight", "2"]).errors.contains("--flight is for --centre"))
    #expect(
      analyze("gated", "out", ["--centre", "here", "--cut", "frames"]).errors.contains("--centre takes an address"))
    let place = [
      "place", folder.file("gated.yaml"), "--models", folder.file("models"), "--clip", folder.file("film.mp4"),
    ]
    #expect(Program.run(place + centre).errors.contains("--link RATE"))
    #expect(Program.run(place + centre + ["--link", "5MB"]).errors.contains("5Mbit/s"))
    #expect(Program.run(place + centre + ["--link", "5Mbit/s", "--for", "money"]).errors.contains("--prices"))
  }

  @Test("Place measures each cut, says why one cannot be had, and names the best")
  func place() throws {
    try Data(
      """
      currency: EUR
      machines: [{name: edge, cpu-second: 0.00001}, {name: centre, cpu-second: 0.00002}]
      """.utf8
    ).write(to: URL(filePath: folder.file("prices.yaml")))
    for pipeline in ["gated", "cropped"] {
      let words =
        ["place", folder.file("\(pipeline).yaml"), "--models", folder.file("models"), "--clip"]
        + [folder.file("film.mp4"), "--centre", server.address, "--link", "5Mbit/s", "--latency", "10ms"]
        + ["--prices", folder.file("prices.yaml"), "--per-gb", "0.1"]
      let ran = Program.run(words + ["--json"])
      try #require(ran.status == 0, "\(ran)")
      let cuts = try #require(ran.json["cuts"] as? [[String: Any]])
      let possible = cuts.filter { $0["possible"] as? Bool == true }.compactMap { $0["cut"] as? String }
      #expect(
        possible == (pipeline == "gated" ? ["film", "frames", "events"] : ["film", "frames", "crops", "events"]))
      let best = try #require(ran.json["best"] as? String)
      #expect(possible.contains(best) && ran.json["currency"] as? String == "EUR")
      let measured = try #require(ran.json["measured"] as? [String: Any])
      let networks = try #require(measured["networks"] as? [[String: Any]])
      #expect(networks.count == (pipeline == "gated" ? 1 : 2))
      // A picture of 8 by 8, and the heads of HTTP.
      let question = try #require(networks[0]["question_bytes"] as? Double)
      #expect((192 + 100...192 + 800).contains(question), "\(question)")
      let (inputs, seconds) = (networks[0]["inputs"] as? Int ?? 0, measured["sample_seconds"] as? Double ?? 0)
      #expect(inputs > 0 && (5...7).contains(seconds))
      if pipeline == "gated" {
        let frames = try #require(cuts.first { $0["cut"] as? String == "frames" })
        let bytes = Double(inputs) * question * 3600 / seconds
        #expect(((frames["bytes_up_hour"] as? Double ?? 0) - bytes).magnitude <= 0.01 * bytes)
        #expect(cuts.allSatisfy { $0["cut"] as? String != "crops" || ($0["reason"] as? String ?? "").contains("'on'") })
      }
      let text = Program.run(words + ["--for", "bytes"])
      #expect(text.output.contains("best: ") && text.output.contains("EUR an hour"), "\(text)")
    }
  }

  @Test("A server at the edge has a centre compute what its settings say, and tells when the centre is gone")
  func units() throws {
    let home = TemporaryFolder()
    try PlantedDetector.write(to: home.file("models/planted/1"))
    try PlantedDetector.writeClassifier(to: home.file("models/colours/1"))
    try Data("settings: {planted: {unit: remote}, colours: {unit: local}}\n".utf8).write(
      to: URL(filePath: home.file("box.yaml")))
    try PlantedDetector.picture(250, 10, 10).write(to: URL(filePath: folder.file("red.bmp")))
    let relay = try CentreRelay(to: server.address, .init(diesAfter: 3))
    let edge = try LibraryServer(home, ["--config", "box.yaml", "--units", relay.address])
    let place = edge.address.replacing("http://", with: "")
    try waitUntil("the models to be ready") { Program.run(["health", place]).status == 0 }
    func predict(_ address: String, _ model: String) -> ShellResult {
      shell([
        "curl", "-sS", "--max-time", "20", "--data-binary", "@\(folder.file("red.bmp"))", "-H",
        "Content-Type: image/bmp", "\(address)/v1/models/\(model)/predict",
      ])
    }
    let wanted = predict(server.address, "planted").output
    #expect(wanted.contains("\"red\""), "\(wanted)")
    // What the centre has is looked for once a second.
    try waitUntil("the centre to be found") { predict(edge.address, "planted").output == wanted }
    #expect(try relay.questions() == 1)
    #expect(predict(edge.address, "colours").output == predict(server.address, "colours").output)
    #expect(try relay.questions() == 1, "what is local goes nowhere")
    for _ in 0..<2 { #expect(predict(edge.address, "planted").output == wanted) }
    // With the next one the relay is gone.
    let gone = predict(edge.address, "planted").output
    #expect(gone.contains("the centre") && gone.contains("unavailable"), "\(gone)")
    let next = predict(edge.address, "planted").output
    #expect(next.contains("the centre") && next.contains("unavailable"), "\(next)")
  }
}
