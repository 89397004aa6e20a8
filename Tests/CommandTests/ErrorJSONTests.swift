import Foundation
import TestKit
import Testing

/// With `--json`, what goes wrong stands on standard output too, as an object of its own or in its place in the answer.
struct ErrorJSONTests {
  let folder = TemporaryFolder()

  private func write(_ name: String, _ text: String) -> String {
    _ = FileManager.default.createFile(atPath: folder.file(name), contents: Data(text.utf8))
    return folder.file(name)
  }

  private func clip(seconds: Int) -> String {
    _ = shell([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "\(seconds)", "-c:v",
      "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", folder.file("clip.mp4"),
    ])
    return folder.file("clip.mp4")
  }

  private func whole(_ result: ShellResult) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.output.prefix(300))"
    )
  }

  @Test("Every command that takes --json tells by code and message why it failed, beside the text and the exit code")
  func everyCommand() throws {
    let text = write("text.mp4", "once upon a time")
    let network = write("net.onnx", "no network")
    let pipeline = write("p.yaml", "sampel: all\ninfer: line-inspector\n")
    let cases: [([String], code: String, status: Int32)] = [
      (["analyze", text], "usage", 2),
      (["analyze", text, "--modle", "x"], "usage", 2),
      (["analyze", text, "--model", "line-inspector", "--every", "never"], "usage", 2),
      (["analyze", text, "--model", "line-inspektor"], "not-found", 3),
      (["analyze", folder.file("*.mkv"), "--model", "line-inspector"], "not-found", 3),
      (["analyze", text, "--model", network, "--output", folder.file("out")], "bad-input", 4),
      (["analyze", text, "--pipeline", pipeline, "--output", folder.file("out")], "bad-input", 4),
      (["probe"], "usage", 2),
      (["probe", folder.file("none.mp4")], "not-found", 3),
      (["probe", text], "bad-input", 4),
      (["tune", "nothing"], "not-found", 3),
      (["tune", network], "bad-input", 4),
      (["tune", network, "--seconds", "0"], "usage", 2),
      (["model", "list", "more"], "usage", 2),
      (["model", "inspect", network], "bad-input", 4),
      (["model", "inspect", "nothing"], "not-found", 3),
      (["pipeline", "check", pipeline], "bad-input", 4),
      (["pipeline", "check", "none.yaml"], "not-found", 3),
      (["version", "more"], "usage", 2),
    ]
    for (arguments, code, status) in cases {
      let plain = Program.run(arguments)
      #expect(plain.status == status && plain.output.isEmpty, "\(arguments): \(plain)")
      let result = Program.run(arguments + ["--json"])
      #expect(result.status == status && result.errors == plain.errors, "\(arguments): \(result)")
      let object = try whole(result)
      let error = try #require(object["error"] as? [String: Any], "\(arguments)")
      #expect(object.count == 1 && error.count == 2 && error["code"] as? String == code)
      let message = try #require(error["message"] as? String)
      #expect("ridley: \(message)\n" == plain.errors)
    }
    #expect(Program.run(["probe", text, "--", "--json"]).output.isEmpty, "behind -- it is a file")
  }

  /// The child's half of a document is worth nothing.
  @Test("A process that is ended in the middle of its JSON leaves an error, and nothing before it")
  func half() throws {
    let script = """
      "$0" probe "$1" --frames --json & parent=$!
      until child=$(tr -d ' ' 2>/dev/null </proc/$parent/task/$parent/children) && [ -n "$child" ] \
        && [ $(awk '{print $14 + $15}' /proc/$child/stat 2>/dev/null || echo 0) -gt 20 ]; do
        kill -0 $parent 2>/dev/null || exit 99; sleep 0.02
      done
      kill -SEGV $child; wait $parent
      """
    let result = shell(["bash", "-c", script, Program.path, clip(seconds: 300)])
    #expect(result.status == 4, "\(result.errors)")
    let object = try whole(result)
    #expect(object.count == 1)
    let message = (object["error"] as? [String: Any])?["message"] as? String ?? ""
    #expect(message.contains("clip.mp4: it crashed"), "\(message)")
  }

  @Test("What fails for good after some files are done closes the document with an error behind them")
  func later() throws {
    let pipeline = write("p.yaml", "infer: {model: line-inspector, threshold: 0.05}\n")
    let script = """
      "$0" analyze "$1" "$1" --pipeline "$2" --json --output "$3" & parent=$!
      until [ -s "$3/clip/predictions.csv" ]; do kill -0 $parent 2>/dev/null || exit 99; sleep 0.02; done
      child=$(tr -d ' ' </proc/$parent/task/$parent/children); echo 'infer: nothing' >"$2"
      kill -SEGV $child; wait $parent
      """
    let result = shell(
      ["bash", "-c", script, Program.path, clip(seconds: 120), pipeline, folder.file("out")],
      environment: ["RIDLEY_MODELS": Program.models, "RIDLEY_CACHE": folder.file("cache")])
    #expect(result.status == 3, "\(result.errors)")
    let object = try whole(result)
    #expect(object["pipeline"] is String)
    let files = try #require(object["files"] as? [[String: Any]])
    #expect(files.count == 1 && files[0]["error"] != nil)
    #expect((object["error"] as? [String: Any])?["code"] as? String == "not-found")
    #expect(result.errors.contains("Segmentation fault") && result.errors.contains("there is no model 'nothing'"))
  }
}
