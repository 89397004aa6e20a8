import Foundation
import TestKit
import Testing

/// What may stand in the place of a file: names of any bytes, folders, lists, addresses, standard input.
struct InputTests {
  let folder = TemporaryFolder()

  private func picture(_ name: String) -> String {
    let path = folder.file(name)
    try? FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=1", "-frames:v", "1", path])
    return path
  }

  private func analyze(_ files: [String], _ more: [String] = []) -> ShellResult {
    Program.run(
      ["analyze"] + files + ["--model", "line-inspector", "--threshold", "0.02", "--output", folder.file("out")] + more)
  }

  private func lines(_ name: String) throws -> [Substring] {
    try String(contentsOfFile: folder.file("out/\(name)"), encoding: .utf8).split(whereSeparator: \.isNewline)
  }

  /// Runs a script with the program as `$0` and its arguments.
  private func script(_ text: String, _ words: [String]) -> ShellResult {
    shell(["bash", "-c", text, Program.path] + words, environment: ["RIDLEY_MODELS": Program.models])
  }

  @Test("A folder stands for all pictures and videos in it and below, by path; other files are counted and passed over")
  func tree() throws {
    for name in ["in/b.png", "in/sub/a.png", "in/.hidden.png", "in/ridley-report/old.png"] { _ = picture(name) }
    try "words".write(toFile: folder.file("in/notes.txt"), atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.file("in/sub/up"), withDestinationPath: folder.file("in"))
    let result = analyze([folder.file("in")], ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("2 pictures and videos; 1 other file passed over (.txt)"))
    let files = try #require(result.json["files"] as? [[String: Any]])
    #expect(files.map { $0["file"] as? String } == [folder.file("in/b.png"), folder.file("in/sub/a.png")])
    #expect(files.map { $0["report"] as? String } == [folder.file("out/b"), folder.file("out/sub/a")])
    let found = try #require(files[1]["predictions"] as? [[String: Any]])
    #expect(!found.isEmpty && found.allSatisfy { $0["file"] as? String == "sub/a.png" })
    let empty = folder.file("none")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect(analyze([empty]).status == 4)
  }

  @Test("Several files leave one table, one list of lines, a summary and a page together; one of a pattern does too")
  func together() throws {
    let files = [picture("a.png"), folder.file("none.png"), picture("x/a.png")]
    let result = analyze(files)
    #expect(result.status == 9)
    #expect(result.output.contains("predictions in 3 files: \(folder.file("out/report.html"))"))
    let parts = try ["a", "a-2"].flatMap { try lines("\($0)/predictions.jsonl") }
    #expect(try lines("predictions.jsonl") == parts && parts.count > 1)
    let table = try lines("predictions.csv")
    #expect(table.count == parts.count + 1 && table.filter { $0.hasPrefix("file,frame") }.count == 1)
    // Two files of one name are told apart by their paths.
    #expect(Set(table.dropFirst().map { $0.prefix { $0 != "," } }) == [Substring(files[0]), Substring(files[2])])
    let data = try #require(FileManager.default.contents(atPath: folder.file("out/summary.json")))
    let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let entries = try #require(summary["files"] as? [[String: Any]])
    #expect(entries.map { $0["report"] as? String } == ["a", nil, "a-2"])
    #expect((entries[1]["error"] as? [String: Any])?["code"] as? String == "not-found")
    #expect(summary["failed"] as? Int == 1 && summary["predictions"] as? Int == parts.count)
    let page = try String(contentsOfFile: folder.file("out/report.html"), encoding: .utf8)
    #expect(page.contains("href=\"a-2/report.html\"") && page.contains("1 could not be analysed"))
    #expect(analyze([folder.file("x/*.png")], ["--force"]).status == 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("out/a/report.html")))
    #expect(try lines("predictions.csv").count == table.count - parts.count / 2)
  }

  @Test("A report of another model or other options is not replaced unless --force says so; the same one is")
  func force() throws {
    let file = picture("a.png")
    #expect(analyze([file]).status == 0)
    let before = FileManager.default.contents(atPath: folder.file("out/summary.json"))
    let other = analyze([file], ["--iou", "0.3"])
    #expect(other.status == 2)
    #expect(other.errors.contains("holds a report of line-inspector") && other.errors.contains("--force"))
    #expect(FileManager.default.contents(atPath: folder.file("out/summary.json")) == before)
    #expect(analyze([file]).status == 0)
    #expect(analyze([file], ["--iou", "0.3", "--force"]).status == 0)
    #expect(analyze([file, file]).status == 2, "the folder of a list is looked at too")
    for (option, place) in [("0.3", "a"), ("0.4", "a-2"), ("0.3", "a")] {
      let words = ["analyze", file, "--model", "line-inspector", "--iou", option]
      #expect(Program.run(words, in: folder.path).output.contains("report: ridley-report/\(place)/report.html"))
    }
  }

  @Test("Names that are not UTF-8 are read, in folders and patterns too, and told with their bytes as numbers")
  func foreignNames() throws {
    let file = picture("a.png")
    let result = script(
      #"cd "$1"; mkdir in; cp "$2" $'in/caf\xe9.png'; for what in $'in/caf\xe9.png' in 'in/caf*.png'; do "#
        + #""$0" analyze "$what" --model line-inspector --json --force --output out || exit; done; "$0" probe $'in/caf\xe9.png'"#,
      [folder.path, file])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.components(separatedBy: #""file":"in/caf\\xE9.png""#).count == 4, "\(result.output)")
    #expect(result.output.contains(#"caf\xE9.png, png"#))
    #expect(FileManager.default.fileExists(atPath: folder.file(#"out/caf\xE9/summary.json"#)))
    let option = script(#""$0" analyze "$1" --model $'\xff.onnx'"#, [file])
    #expect(option.status == 2 && option.errors.contains(#"--model '\xFF.onnx' is not UTF-8"#))
  }

  @Test("Standard input is read from a pipe and from a file, once; nothing, too much and a second time are refused")
  func standardInput() throws {
    let file = picture("a.png")
    let ask = #""$0" probe - --json"#
    for text in [
      #"cat "$1" | \#(ask)"#, #"\#(ask) < "$1""#, #"(head -c 1 > /dev/null; cat) < <(printf x; cat "$1") | \#(ask)"#,
    ] {
      let result = script(text, [file])
      #expect(
        result.json["file"] as? String == "standard input" && result.json["width"] as? Int == 320, "\(result.errors)")
    }
    #expect(script(#""$0" probe - < /dev/null"#, []).errors.contains("standard input is empty"))
    let long = script(#"cat "$1" | "$0" probe - --fetch-limit 10B"#, [file])
    #expect(long.status == 4 && long.errors.contains("--fetch-limit"))
    #expect(analyze(["-", "-"]).status == 2)
    let found = script(
      #"cat "$1" | "$0" analyze - --model line-inspector --threshold 0.02 --output "$2""#, [file, folder.file("out")])
    #expect(found.status == 0, "\(found.errors)")
    #expect(try lines("predictions.jsonl").allSatisfy { $0.hasPrefix(#"{"file":"stdin","#) })
  }

  @Test("What can not be read yet is named with what to do instead, and no password is repeated")
  func otherAddresses() {
    let stream = Program.run(["probe", "rtsp://user:secret@camera/1"])
    #expect(stream.status == 5 && stream.errors.contains("rtsp://camera/1 is a live stream"))
    let store = Program.run(["analyze", "s3://bucket/clip.mp4", "--model", "line-inspector"])
    #expect(store.status == 5 && store.errors.contains("object store"))
    #expect(Program.run(["probe", "gopher://x"]).status == 5)
    #expect(!stream.errors.contains("secret") && ![stream, store].contains { $0.errors.contains("no such file") })
  }

  @Test("Files of a server are read, whole or not at all; missing, longer and broken-off ones are told apart")
  func server() throws {
    let file = picture("a.png")
    let server = try LocalServer(folder: folder.path)
    let address = { (path: String) in server.address + path }
    let found = analyze([address("/a.png?key=secret")], ["--json"])
    #expect(found.status == 0, "\(found.errors)")
    let entry = try #require((found.json["files"] as? [[String: Any]])?.first)
    #expect(entry["file"] as? String == address("/a.png"))
    let plain = analyze([file], ["--json", "--force"])
    #expect(
      (entry["predictions"] as? [[String: Any]])?.count
        == ((plain.json["files"] as? [[String: Any]])?.first?["predictions"] as? [[String: Any]])?.count)
    #expect(Program.run(["probe", address("/none.png")]).status == 3)
    let long = Program.run(["probe", address("/a.png"), "--fetch-limit", "10B"])
    #expect(long.status == 7 && long.errors.contains("--fetch-limit"))
    #expect(Program.run(["probe", address("/cut/a.png")]).status == 8)
    #expect(Program.run(["probe", address("/away")]).status == 6)
  }

  @Test("What may be said once is not said twice, and a pipeline is named for several models")
  func twice() {
    let result = analyze([picture("a.png")], ["--model", "yolox-nano"])
    #expect(result.status == 2 && result.errors.contains("--model stands there twice"))
    #expect(result.errors.contains("docs/pipelines.md"))
  }

  @Test("Progress is a line so often where no terminal shows it, and none with --quiet")
  func progress() {
    let video = folder.file("v.mp4")
    _ = shell([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "4", "-pix_fmt", "yuv420p", video,
    ])
    let told = analyze([video], ["--progress", "10ms"]).errors
    #expect(told.firstMatch(of: /ridley: v\.mp4: [0-9]+ %, [0-9]+ frames, [0-9]+\/s/) != nil, "\(told)")
    #expect(analyze([video], ["--progress", "10ms", "--quiet"]).errors.isEmpty)
    let sampled = analyze([video], ["--every", "1s", "--force"]).output
    #expect(sampled.contains(", 4 of 100 frames"), "\(sampled)")
  }

  @Test("A network on crops of which nothing came out is told of, with the likely reason")
  func silentStep() throws {
    let file = picture("a.png")
    let pipeline = folder.file("p.yaml")
    try """
    infer:
      - {name: parts, model: line-inspector, threshold: 0.02}
      - {name: closer, model: line-inspector, threshold: 1, on: parts}
    """.write(toFile: pipeline, atomically: true, encoding: .utf8)
    let result = Program.run(["analyze", file, "--pipeline", pipeline, "--output", folder.file("out")])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("nothing was told by 'closer', which looked at "), "\(result.output)")
    #expect(result.output.contains("below its threshold"))
  }
}
