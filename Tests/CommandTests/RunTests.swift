import Foundation
import TestKit
import Testing

/// The main job as a whole program: what stays flat, what ends clean.
struct RunTests {
  let folder = TemporaryFolder()

  private func clip(_ name: String, seconds: Int) -> String {
    let (short, long) = (folder.file("loop.mp4"), folder.file(name))
    _ = shell([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-t", "10", "-c:v", "libx264",
      "-preset",
      "ultrafast", "-pix_fmt", "yuv420p", short,
    ])
    _ = shell(["ffmpeg", "-v", "error", "-y", "-stream_loop", "\(seconds / 10 - 1)", "-i", short, "-c", "copy", long])
    return long
  }

  /// Peak memory of one run, in KB, as the system counts it.
  private func peak(_ file: String) -> (status: Int32, kilobytes: Int) {
    let script = """
      import resource, subprocess, sys
      ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
      sys.exit(ended.returncode)
      """
    let command = [
      Program.path, "analyze", file, "--model", "line-inspector", "--threshold", "0.05", "--output", folder.file("out"),
    ]
    let result = shell(["/usr/bin/python3", "-c", script] + command, environment: ["RIDLEY_MODELS": Program.models])
    return (result.status, Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0)
  }

  /// What is left of a difference is the allocator's: pools fill in the first minutes, and the file's own index grows.
  @Test("A video ten times as long takes the same memory, within eight percent")
  func flatMemory() {
    _ = peak(clip("warm.mp4", seconds: 10))
    let short = peak(clip("short.mp4", seconds: 10))
    let long = peak(clip("long.mp4", seconds: 100))
    #expect(short.status == 0 && long.status == 0)
    #expect(short.kilobytes > 10_000)
    #expect(
      Double(long.kilobytes) <= 1.08 * Double(short.kilobytes), "\(short.kilobytes) KB, then \(long.kilobytes) KB")
  }

  @Test("Ctrl-C ends a run early with what was found until then, exit code 130, and no half-written video")
  func interrupted() throws {
    let video = clip("long.mp4", seconds: 120)
    let script = """
      "$0" analyze "$1" --model line-inspector --json --video --output "$2" > "$3" & child=$!
      while ! [ -s "$2/predictions.csv" ] && kill -0 $child 2>/dev/null; do sleep 0.05; done
      sleep 0.2; kill -INT $child; wait $child
      """
    let result = shell(
      ["bash", "-c", script, Program.path, video, folder.file("out"), folder.file("found.json")],
      environment: ["RIDLEY_MODELS": Program.models])
    #expect(result.status == 130, "\(result.errors)")
    let data = try #require(FileManager.default.contents(atPath: folder.file("found.json")))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let files = try #require(json["files"] as? [[String: Any]])
    #expect((files.first?["summary"] as? [String: Any])?["interrupted"] as? Bool == true)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("out"))
    #expect(names.contains("report.html"))
    #expect(!names.contains { $0.contains(".part") })
  }

  @Test("A video leaves its index of frames beside the reports, a picture none")
  func index() throws {
    let video = clip("c.mp4", seconds: 10)
    let picture = folder.file("p.png")
    _ = shell(["ffmpeg", "-v", "error", "-i", video, "-frames:v", "1", picture])
    let arguments = ["analyze", video, picture, "--model", "line-inspector", "--every", "2s", "--output"]
    #expect(Program.run(arguments + [folder.file("o")]).status == 0)
    let reports: Set = ["predictions.jsonl", "predictions.csv", "report.html", "summary.json"]
    #expect(
      try Set(FileManager.default.contentsOfDirectory(atPath: folder.file("o/c"))) == reports.union(["frames.index"]))
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.file("o/p"))) == reports)
  }

  @Test("Progress stays out of pipes")
  func quietPipes() {
    let result = Program.run([
      "analyze", clip("c.mp4", seconds: 10), "--model", "line-inspector", "--output", folder.file("o"),
    ])
    #expect(result.status == 0)
    #expect(!result.errors.contains("\r") && !result.errors.contains("frames"))
    #expect(!result.output.contains("\u{1B}"))
  }
}
