import Foundation
import TestKit
import Testing

/// Cuts that a pipeline names itself, and nodes that stand in this machine's place.
///
/// The film is a second each of red and green, and the networks find one box for each colour.
@Suite(.serialized) struct NamedCutTests {
  private let folder = TemporaryFolder()
  private let door = Ports.free()

  private static let cropped = """
    infer:
      - {name: parts, model: planted}
      - {name: colour, model: colours, on: parts}
    zones: {all: [[0, 0], [1, 0], [1, 1], [0, 1]]}
    track: {on: parts, high: 0.5, new: 0.5}
    rules: {seen: {zone: all, dwell: 300ms}}

    """

  init() throws {
    try PlantedDetector.write(to: folder.file("models/planted/1"))
    try PlantedDetector.writeClassifier(to: folder.file("models/colours/1"))
    let colours = ["red", "lime"].flatMap { ["-f", "lavfi", "-i", "color=\($0):s=64x48:r=10:d=1"] }
    let made = shell(
      ["ffmpeg", "-v", "error", "-y"] + colours + ["-filter_complex", "[0][1]concat=n=2", "-c:v", "libx264"]
        + ["-preset", "ultrafast", "-pix_fmt", "yuv420p", folder.file("film.mp4")])
    try #require(made.status == 0, "\(made.errors)")
    try write(Self.cropped, "whole.yaml")
    for cut in ["frames", "crops", "events"] { try write(Self.cropped + "cut: \(cut)\n", "\(cut).yaml") }
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
  }

  private func serve(_ folder: TemporaryFolder, _ words: [String] = []) throws -> LibraryServer {
    let server = try LibraryServer(folder, words)
    let place = server.address.replacing("http://", with: "")
    try waitUntil("the models to be ready") { Program.run(["health", place]).status == 0 }
    return server
  }

  private func analyze(_ pipeline: String, _ more: [String] = []) throws -> [String] {
    let output = folder.file("out-\(UUID().uuidString)")
    let ran = Program.run(
      ["analyze", folder.file("film.mp4"), "--pipeline", folder.file("\(pipeline).yaml")]
        + ["--models", folder.file("models"), "--output", output] + more)
    try #require(ran.status == 0, "\(ran.errors)")
    return try ["events.jsonl", "predictions.jsonl"].map {
      try String(contentsOfFile: "\(output)/\($0)", encoding: .utf8)
    }
  }

  @Test("An analysis with a centre is cut where its pipeline says, an option counts more, and all tell the same")
  func named() throws {
    let server = try serve(folder)
    let wanted = try analyze("whole")
    #expect(wanted.allSatisfy { !$0.isEmpty })
    var asked: [String: Int] = [:]
    for cut in ["frames", "crops", "events"] {
      // Without a centre there is nothing to cut.
      #expect(try analyze(cut) == wanted)
      let relay = try CentreRelay(to: server.address)
      #expect(try analyze(cut, ["--centre", relay.address]) == wanted, "\(cut)")
      asked[cut] = try relay.questions()
    }
    let (frames, crops) = (try #require(asked["frames"]), try #require(asked["crops"]))
    #expect(asked["events"] == 0 && crops > 0 && crops < frames)
    let relay = try CentreRelay(to: server.address)
    #expect(try analyze("frames", ["--centre", relay.address, "--cut", "events"]) == wanted)
    #expect(try relay.questions() == 0)
    let none = Program.run(
      ["analyze", folder.file("film.mp4"), "--pipeline", folder.file("whole.yaml"), "--models", folder.file("models")]
        + ["--output", folder.file("none"), "--centre", server.address])
    #expect(none.status == 2 && none.errors.contains("'cut:' in the pipeline"), "\(none)")
  }

  @Test("A check shows the cut, and tells where a cut stands that cannot be had")
  func check() throws {
    func check(_ name: String) -> ShellResult {
      Program.run(["pipeline", "check", folder.file(name), "--models", folder.file("models")])
    }
    let (cut, whole) = (check("crops.yaml"), check("whole.yaml"))
    #expect(cut.status == 0 && cut.output.contains("\ncut: crops\n") && !whole.output.contains("cut:"), "\(cut)")
    let digest = { (result: ShellResult) in result.output.split(separator: "\n").last { $0.contains("digest: ") } }
    #expect(digest(cut) != nil && digest(cut) == digest(whole))
    try write("infer: planted\ncut: crops\n", "none.yaml")
    #expect(check("none.yaml").errors.contains("none.yaml:2:6: the pipeline cannot be cut at 'crops'"))
    try write("infer: planted\ncut: cable\n", "other.yaml")
    #expect(
      check("other.yaml").errors.contains("other.yaml:2:6: 'cable' is not allowed for cut, expected frames, crops"))
  }

  @Test("A server at the edge asks its centre for what is behind a pipeline's cut, where its settings leave that open")
  func served() throws {
    let centre = try serve(folder)
    // One picture is too few for a track.
    let networks = "infer: [{name: parts, model: planted}, {name: colour, model: colours, on: parts}]\n"
    for cut in ["frames", "crops", "events"] { try write(networks + "cut: \(cut)\n", "picture-\(cut).yaml") }
    try PlantedDetector.picture(250, 10, 10).write(to: URL(filePath: folder.file("red.bmp")))
    func asked(_ settings: String) throws -> [String: Int] {
      let home = TemporaryFolder()
      try PlantedDetector.write(to: home.file("models/planted/1"))
      try PlantedDetector.writeClassifier(to: home.file("models/colours/1"))
      try Data("pipelines: \(folder.path)\nsettings: {\(settings)}\n".utf8).write(
        to: URL(filePath: home.file("box.yaml")))
      let relay = try CentreRelay(to: centre.address)
      let edge = try serve(home, ["--config", "box.yaml", "--units", relay.address])
      func predict(_ pipeline: String) -> String {
        shell([
          "curl", "-sS", "--max-time", "20", "--data-binary", "@\(folder.file("red.bmp"))", "-H",
          "Content-Type: image/bmp", "\(edge.address)/v1/pipelines/\(pipeline)/predict",
        ]).output
      }
      // What the centre has is looked for once a second.
      try waitUntil("the centre to be found") { predict("picture-frames").contains("\"red\"") }
      var counts: [String: Int] = [:]
      for pipeline in ["events", "crops", "frames"] {
        let before = try relay.questions()
        let answer = predict("picture-\(pipeline)")
        #expect(answer.contains("\"red\"") && !answer.contains("\"error\""), "\(pipeline): \(answer)")
        counts[pipeline] = try relay.questions() - before
      }
      // The digest is the same, and another cut is taken up all the same.
      try write(networks + "cut: frames\n", "picture-events.yaml")
      let before = try relay.questions()
      #expect(predict("picture-events").contains("\"red\""))
      #expect(try relay.questions() - before == counts["frames"])
      try write(networks + "cut: events\n", "picture-events.yaml")
      return counts
    }
    // A picture, and one crop of it.
    #expect(try asked("") == ["events": 0, "crops": 1, "frames": 2])
    #expect(try asked("colours: {unit: local}") == ["events": 0, "crops": 0, "frames": 1])
  }

  @Test(
    "A node stands in this machine's place by what it reports its inferences to take, and is refused where it reports none"
  )
  func node() throws {
    try write("edge: {listen: '127.0.0.1:\(door)'}\n", "centre.yaml")
    let centre = try serve(folder, ["--config", "centre.yaml"])
    let token = folder.file("dock.token")
    let made = centre.here(["edge", "token", "--for", "dock", "--output", token])
    try #require(made.status == 0, "\(made)")
    let home = TemporaryFolder()
    try PlantedDetector.write(to: home.file("models/planted/1"))
    try Data("edge: {join: 'https://127.0.0.1:\(door)', rate: 2Mbit/s}\n".utf8).write(
      to: URL(filePath: home.file("box.yaml")))
    let box = try serve(home, ["--config", "box.yaml", "--token-file", token])
    defer { box.end() }
    try waitUntil("the node to say what an inference takes", seconds: 240) {
      shell(["curl", "-sS", "\(centre.address)/v1/fleet/nodes/dock"]).output.contains("\"inference_seconds\":")
    }
    try write("infer: planted\n", "one.yaml")
    func place(_ pipeline: String, _ more: [String]) -> ShellResult {
      Program.run(
        ["place", folder.file(pipeline), "--models", folder.file("models"), "--clip", folder.file("film.mp4")]
          + ["--centre", centre.address, "--latency", "10ms"] + more)
    }
    let ran = place("one.yaml", ["--edge", "dock", "--json"])
    try #require(ran.status == 0, "\(ran)")
    let link = try #require(ran.json["link"] as? [String: Any])
    #expect(link["bits_up"] as? Int == 2_000_000, "the rate of its configuration")
    let measured = try #require(ran.json["measured"] as? [String: Any])
    let node = try #require(measured["node"] as? [String: Any])
    let ratio = try #require(node["ratio"] as? Double)
    let network = try #require((measured["networks"] as? [[String: Any]])?.first)
    let here = try #require(network["processor_seconds"] as? Double)
    let there = try #require(network["node_seconds"] as? Double)
    // Both are rounded to microseconds.
    #expect(node["name"] as? String == "dock" && node["cores"] as? Int ?? 0 > 0 && ratio > 0)
    #expect((ratio - there / here).magnitude <= 1e-4 + ratio * (1e-6 / here + 1e-6 / there), "\(node) \(network)")
    let text = place("one.yaml", ["--edge", "dock", "--link", "5Mbit/s"])
    #expect(text.output.contains("the edge is the node dock") && text.output.contains("not measured"), "\(text)")
    #expect(text.output.contains("predictions cannot be had") && text.output.contains("embeddings cannot be had"))
    let lacking = place("whole.yaml", ["--edge", "dock"])
    #expect(lacking.status != 0 && lacking.errors.contains("what an inference of 'colours'"), "\(lacking)")
    let unknown = place("one.yaml", ["--edge", "yard", "--link", "5Mbit/s"])
    #expect(unknown.status == 3 && unknown.errors.contains("fleet status"), "\(unknown)")
  }
}
