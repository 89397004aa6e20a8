import Foundation
import TestKit
import Testing

/// Pipelines that look at a lighter rendition, as users run them.
struct ProxyTests {
  private let folder = TemporaryFolder()

  private func film(_ name: String = "film.mkv", seconds: Int = 40, size: String = "640x360") throws -> String {
    let made = shell(
      ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=\(size):r=25:d=\(seconds)", "-pix_fmt", "yuv420p"]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "3", folder.file(name)])
    try #require(made.status == 0, "\(made.errors)")
    return folder.file(name)
  }

  private func pipeline(_ name: String = "p.yaml", proxy: String = "180p", threshold: String = "0.05") throws -> String
  {
    let text = """
      proxy: \(proxy)
      infer: {model: line-inspector, threshold: \(threshold)}
      track: {high: 0.1, new: 0.1}
      smooth: {by: track, votes: 1 of 3}
      """
    try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
    return folder.file(name)
  }

  private func ridley(_ words: [String], library: String = "lib") -> ShellResult {
    Program.run(words + ["--library", folder.file(library), "--client", "acme"])
  }

  private func asset() throws -> String {
    try #require(
      (ridley(["library", "list", "--json"]).json["assets"] as? [[String: Any]])?.first?["asset"] as? String)
  }

  private func shown(_ library: String = "lib") throws -> [String: Any] {
    Program.run(["library", "show", try asset(), "--library", folder.file(library), "--json"]).json
  }

  private func predictions(in library: String = "lib") throws -> [String] {
    try #require(try shown(library)["results"] as? [[String: Any]]).compactMap { $0["predictions"] as? String }
  }

  private func objects() throws -> Set<String> {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.file("lib/objects"))
    return Set(names.filter { $0.hasPrefix("objects/") && $0.utf8.count > 40 })
  }

  @Test("A job cut over a rendition answers as 'analyze' does, keeps the rendition, and the next one uses it again")
  func job() throws {
    let (film, pipeline) = (try film(), try pipeline())
    #expect(ridley(["library", "add", film]).status == 0)
    try FileManager.default.copyItem(atPath: folder.file("lib"), toPath: folder.file("whole"))
    let out = folder.file("out")
    let ran = ridley(["analyze", try asset(), "--pipeline", pipeline, "--output", out, "--quiet"], library: "whole")
    try #require(ran.status == 0, "\(ran.errors)")
    let wanted = try #require(try predictions(in: "whole").first)
    #expect((try shown("whole")["renditions"] as? [Any])?.isEmpty == true, "it was made for that run alone")

    let started = ridley(["job", "start", "--pipeline", pipeline, "--external", "--json"])
    let job = try #require(started.json["job"] as? String, "\(started.errors)")
    let count = try #require(ridley(["task", "plan", "\(job)/0", "--json"]).json["tasks"] as? Int)
    try #require(count >= 3)
    let renditions = try #require(try shown()["renditions"] as? [[String: Any]])
    #expect(renditions.count == 1 && renditions[0]["proxy"] as? String == "180p", "\(renditions)")
    #expect(renditions[0]["height"] as? Int == 180 && renditions[0]["frames"] as? Int == 1000)
    for number in 0..<count {
      let ran = ridley(["task", "run", "\(job)/0", "\(number)"])
      #expect(ran.status == 0, "\(ran.errors)")
    }
    #expect(try predictions() == [wanted])
    let text = Program.run(["library", "show", try asset(), "--library", folder.file("lib")]).output
    #expect(text.contains("rendition") && text.contains("180p (320x180, 1000 frames), "))

    let other = try self.pipeline("q.yaml", threshold: "0.5")
    let second = ridley(["job", "start", "--pipeline", other, "--workers", "1", "--quiet"])
    #expect(second.status == 0, "\(second.errors)")
    #expect(try shown()["renditions"] as? [[String: Any]] as NSArray? == renditions as NSArray)
    let kept = try #require(renditions[0]["object"] as? String)
    let films = try objects().filter {
      let size = try? FileManager.default.attributesOfItem(atPath: folder.file("lib/objects/\($0)"))[.size] as? Int
      return size == renditions[0]["bytes"] as? Int
    }
    #expect(films.count == 1 && films.first?.hasSuffix(kept) == true, "no other film was stored")
    #expect(try predictions().count == 2)
    let verified = Program.run(["library", "verify", "--library", folder.file("lib")])
    #expect(verified.status == 0, "\(verified.output)")
    let purged = Program.run(["client", "purge", "acme", "--yes", "--library", folder.file("lib")])
    #expect(purged.status == 0, "\(purged.output)\(purged.errors)")
    #expect(try objects().isEmpty)
  }

  @Test("A rendition that the disk lost or changed is made again, also for an item that was cut over it")
  func lost() throws {
    let pipeline = try pipeline()
    #expect(ridley(["library", "add", try film()]).status == 0)
    let started = ridley(["job", "start", "--pipeline", pipeline, "--external", "--json"])
    let job = try #require(started.json["job"] as? String, "\(started.errors)")
    let count = try #require(ridley(["task", "plan", "\(job)/0", "--json"]).json["tasks"] as? Int)
    try #require(count >= 3)
    let kept = try #require((try shown()["renditions"] as? [[String: Any]])?.first?["object"] as? String)
    let path = folder.file("lib/objects/objects/\(kept.prefix(2))/\(kept)")
    try FileManager.default.removeItem(atPath: path)
    try Data(repeating: 7, count: 5000).write(to: URL(filePath: path))
    let undone = ridley(["task", "run", "\(job)/0", "0"])
    #expect(undone.status == 75 && undone.errors.contains("one task from now on"), "\(undone.errors)")
    #expect(ridley(["task", "run", "\(job)/0", "0"]).status == 0)
    #expect(try predictions().count == 1)
    #expect(Program.run(["library", "verify", "--library", folder.file("lib")]).status == 0)
  }

  @Test("Two workers that need a rendition at once keep it once, and both answer")
  func two() throws {
    let film = try film(seconds: 10)
    #expect(ridley(["library", "add", film]).status == 0)
    let words = ["job", "start", "--detach", "--json", "--pipeline"]
    for number in 1...2 {
      #expect(ridley(words + [try pipeline("\(number).yaml", threshold: "0.\(number)")]).status == 0)
    }
    let script = """
      for n in 1 2; do timeout 100 "$0" worker --library "$1" --until-idle & done; wait
      """
    let ran = shell(
      ["timeout", "120", "bash", "-c", script, Program.path, folder.file("lib")],
      environment: [
        "RIDLEY_MODELS": Program.models, "RIDLEY_HOME": folder.file("home"), "RIDLEY_CACHE": folder.file("cache"),
      ])
    #expect(ran.status == 0, "\(ran.output)\(ran.errors)")
    #expect(try predictions().count == 2)
    #expect((try shown()["renditions"] as? [Any])?.count == 1)
    #expect(Program.run(["library", "verify", "--library", folder.file("lib")]).status == 0)
  }

  @Test("'analyze' tells of the film's frames at their times; a film with no more lines is taken as it is")
  func analyze() throws {
    let film = try film(seconds: 4)
    func run(_ proxy: String, _ out: String) throws -> [[String: Any]] {
      let ran = Program.run(
        ["analyze", film, "--pipeline", try pipeline(proxy: proxy), "--output", folder.file(out), "--quiet", "--video"])
      #expect(ran.status == 0, "\(ran.errors)")
      return try String(contentsOfFile: folder.file(out + "/predictions.jsonl"), encoding: .utf8).split(separator: "\n")
        .map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }
    let light = try run("180p@5", "light")
    #expect(!light.isEmpty)
    for line in light {
      let (frame, time) = (try #require(line["frame"] as? Int), try #require(line["time"] as? Double))
      #expect(frame.isMultiple(of: 5) && abs(time - Double(frame) / 25) < 0.001, "\(line)")
    }
    let summary = try String(contentsOfFile: folder.file("light/summary.json"), encoding: .utf8)
    #expect(summary.contains("\"proxy\"") && summary.contains("640"), "\(summary)")
    #expect(
      shell(["ffprobe", "-v", "error", "-show_entries", "stream=height", folder.file("light/annotated.mp4")]).output
        .contains("180"))
    let same = try run("360p", "same")
    let plain = try String(contentsOfFile: folder.file("same/summary.json"), encoding: .utf8)
    #expect(!same.isEmpty && !plain.contains("\"proxy\""))
    let checked = Program.run(["pipeline", "check", try pipeline(proxy: "240@5")])
    #expect(checked.status == 0 && checked.output.hasPrefix("proxy: 240p@5\n"), "\(checked.output)\(checked.errors)")
  }
}
