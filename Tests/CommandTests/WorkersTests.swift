import Foundation
import TestKit
import Testing

/// Several processes that share the files of one run.
struct WorkersTests {
  let folder = TemporaryFolder()

  private static let films = TemporaryFolder()
  private static let made = Result { try make(in: films) }

  /// A long film, and two short ones; one more is broken.
  private static func make(in folder: TemporaryFolder) throws -> [String] {
    func made(_ name: String, _ words: [String]) throws -> String {
      let path = folder.file(name)
      let ran = shell(["ffmpeg", "-v", "error", "-y"] + words + ["-pix_fmt", "yuv420p", path])
      try #require(ran.status == 0, "\(ran.errors)")
      return path
    }
    let source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=6"]
    let files = [
      try made("a.mp4", ["-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", "2", "-c:v", "libx264"]),
      try made("b.ts", source + ["-c:v", "mpeg2video", "-g", "12", "-bf", "2"]),
      folder.file("c.mp4"),
      try made(
        "d.mkv",
        ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=40", "-c:v", "libx264", "-preset", "ultrafast"]
          + ["-g", "25", "-bf", "3"]),
    ]
    try Data("no film at all".utf8).write(to: URL(filePath: files[2]))
    return files
  }

  private func films() throws -> [String] { try Self.made.get() }

  private func pipeline() throws -> String {
    let path = folder.file("p.yaml")
    let text = """
      infer: {model: line-inspector, threshold: 0.05}
      track: {high: 0.1, new: 0.1}
      smooth: {by: track, votes: 1 of 3}
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// All but what a clock told.
  private func timeless(_ value: Any) -> Any {
    if let list = value as? [Any] { return list.map(timeless) }
    guard let object = value as? [String: Any] else { return value }
    let times = [
      "started", "seconds", "elapsed", "seconds_elapsed", "stage_times", "frames_per_second", "times_real_time",
      "report",
    ]
    return object.filter { !times.contains($0.key) }.mapValues(timeless)
  }

  @Test("Two and three workers tell what one tells: predictions byte for byte, in the same order, failures too")
  func same() throws {
    let (files, pipeline) = (try films(), try pipeline())
    var told: [(NSDictionary, [Data])] = []
    for workers in 1...3 {
      let out = folder.file("out\(workers)")
      let ran = Program.run(
        ["analyze"] + files + ["--pipeline", pipeline, "--workers", "\(workers)", "--json", "--output", out])
      #expect(ran.status == 9, "\(ran.errors)")
      #expect(ran.errors.contains("c.mp4") && ran.errors.contains("1 of 4 files failed"))
      let names =
        ["predictions.jsonl", "predictions.csv"]
        + ["a", "b", "d"].flatMap { ["\($0)/predictions.jsonl", "\($0)/predictions.csv", "\($0)/frames.index"] }
      let left = names.map { FileManager.default.contents(atPath: "\(out)/\($0)") ?? Data() }
      #expect(left.count { $0.isEmpty } == 1, "in a nothing is found")
      told.append((try #require(timeless(ran.json) as? NSDictionary), left))
    }
    for other in told.dropFirst() {
      #expect(other.0 == told[0].0)
      #expect(other.1 == told[0].1)
    }
    let list = try #require(told[0].0["files"] as? [[String: Any]])
    #expect(list.map { $0["error"] == nil } == [true, true, false, true])
    #expect((list[3]["predictions"] as? [Any])?.isEmpty == false)
  }

  @Test("A worker that crashes costs the file that it was at, whole or in parts, and another takes its place")
  func crash() throws {
    let (files, pipeline) = (try films(), try pipeline())
    let script = """
      program="$0"; out="$1"; shift
      "$program" analyze "$@" --json --workers 2 --output "$out" & parent=$!
      while ! [ -s "$out/a/predictions.csv" ] && kill -0 $parent 2>/dev/null; do sleep 0.02; done
      for child in $(cat /proc/$parent/task/$parent/children); do kill -SEGV $child; break; done; wait $parent
      """
    let ran = shell(
      ["bash", "-c", script, Program.path, folder.file("out")] + [files[0], files[1], files[3]] + [
        "--pipeline", pipeline,
      ],
      environment: ["RIDLEY_MODELS": Program.models, "SWIFT_BACKTRACE": "enable=no"])
    let list = ran.json["files"] as? [[String: Any]] ?? []
    #expect(list.count == 3)
    let failed = list.filter { $0["error"] != nil }
    #expect(failed.count == 1 && ran.status == 9 || failed.isEmpty && ran.status == 0, "\(ran.errors)")
    for file in failed { #expect("\(file["error"]!)".contains("Segmentation fault")) }
    #expect(list.filter { $0["summary"] != nil }.count == 3 - failed.count)
  }

  @Test("Ctrl-C ends all workers, and keeps what was found until the first gap")
  func interrupted() throws {
    let files = try films()
    let script = """
      program="$0"; out="$1"; shift
      "$program" analyze "$1" --model line-inspector --threshold 0.02 --json --workers 2 --output "$out" > "$out.json" & parent=$!
      sleep 1.5; kill -INT $parent; wait $parent; code=$?
      for child in $(cat /proc/$parent/task/$parent/children 2>/dev/null); do echo left $child; done; exit $code
      """
    let ran = shell(
      ["bash", "-c", script, Program.path, folder.file("out"), files[3]],
      environment: ["RIDLEY_MODELS": Program.models])
    #expect([130, 0].contains(ran.status) && !ran.output.contains("left"), "\(ran.errors)")
    let data = try #require(FileManager.default.contents(atPath: folder.file("out.json")))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let list = json["files"] as? [[String: Any]] ?? []
    if ran.status == 130, let summary = list.first?["summary"] as? [String: Any] {
      #expect(summary["interrupted"] as? Bool == true)
    }
  }

  @Test("What cannot be shared is refused with the reason")
  func refused() throws {
    let video = Program.run(["analyze", "x.mp4", "--model", "line-inspector", "--workers", "2", "--video"])
    #expect(video.status == 2 && video.errors.contains("--video is drawn from front to back by one process"))
    let streams = Program.run(["analyze", "x.mp4", "--model", "line-inspector", "--workers", "2", "--streams", "2"])
    #expect(streams.status == 2 && streams.errors.contains("each worker has one stream"))
    #expect(Program.run(["analyze", "x.mp4", "--model", "line-inspector", "--workers", "0"]).status == 2)
  }

  @Test("A library gets the same assets and analyses from two workers as from one")
  func library() throws {
    let files = try films()
    for workers in 1...2 {
      let library = folder.file("library\(workers)")
      let ran = Program.run(
        ["analyze", files[1], files[3], "--model", "line-inspector", "--library", library, "--workers", "\(workers)"]
          + ["--output", folder.file("out\(workers)"), "--quiet"])
      #expect(ran.status == 0, "\(ran.errors)")
      let verified = Program.run(["library", "verify", "--library", library])
      #expect(verified.status == 0 && verified.output.contains("of 2 assets"), "\(verified.output)")
    }
    let lines = (1...2).map { FileManager.default.contents(atPath: folder.file("out\($0)/predictions.jsonl")) }
    #expect(lines[0] == lines[1] && lines[0] != nil)
  }
}
