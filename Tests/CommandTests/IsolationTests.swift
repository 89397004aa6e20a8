import Foundation
import TestKit
import Testing

/// A crash or a hang of the process that decodes and infers is one failure among the others.
struct IsolationTests {
  let folder = TemporaryFolder()

  /// Three clips; something is done to the child while it is in the middle of the second, which is long.
  private func run(_ what: String, _ more: [String] = []) -> ShellResult {
    for (name, seconds) in [("a", 1), ("b", 120), ("c", 1)] {
      _ = shell([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "\(seconds)", "-c:v", "libx264",
        "-preset", "ultrafast", "-pix_fmt", "yuv420p", folder.file("\(name).mp4"),
      ])
    }
    let script = """
      program="$0"; out="$1"; shift
      "$program" analyze "$out"/[abc].mp4 --model line-inspector --json --threshold 0.05 --output "$out/found" "$@" & parent=$!
      while ! [ -s "$out/found/b/predictions.csv" ] && kill -0 $parent 2>/dev/null; do sleep 0.02; done
      child=$(cat /proc/$parent/task/$parent/children); \(what) $child; wait $parent
      """
    return shell(
      ["bash", "-c", script, Program.path, folder.path] + more,
      // Swift's own crash reporter would let the process live on after a signal from outside.
      environment: ["RIDLEY_MODELS": Program.models, "SWIFT_BACKTRACE": "enable=no"])
  }

  private func files(_ result: ShellResult) -> [[String: Any]] { result.json["files"] as? [[String: Any]] ?? [] }

  @Test("A file whose process crashes is told with the reason; the others are done, and the JSON is whole")
  func crash() throws {
    let result = run("kill -SEGV")
    #expect(result.status == 9, "\(result.errors)")
    let files = files(result)
    try #require(files.count == 3)
    #expect(files[0]["summary"] != nil && files[2]["summary"] != nil)
    let message = (files[1]["error"] as? [String: Any])?["message"] as? String ?? ""
    #expect(message.contains("b.mp4") && message.contains("Segmentation fault"), "\(message)")
    #expect(result.errors.contains("1 of 3 files failed"))
    #expect(FileManager.default.fileExists(atPath: folder.file("found/c/report.html")))
    #expect(!FileManager.default.fileExists(atPath: folder.file("found/b/summary.json")))
  }

  @Test("A file whose process hangs is given up after the time that was said")
  func hang() throws {
    let result = run("kill -STOP", ["--stall-timeout", "1s"])
    #expect(result.status == 9, "\(result.errors)")
    let files = files(result)
    try #require(files.count == 3)
    let message = (files[1]["error"] as? [String: Any])?["message"] as? String ?? ""
    #expect(message.contains("nothing came of it for 1 s"), "\(message)")
    #expect(files[2]["summary"] != nil)
  }

  @Test("A parent that is killed takes its child with it")
  func orphan() throws {
    let result = run(
      "kill -KILL $parent; sleep 1; grep -q 'State:.[^Z]' /proc/$child/status && echo alive || echo gone; true")
    #expect(result.output.hasSuffix("gone\n"), "\(result.output.suffix(100))")
  }
}
