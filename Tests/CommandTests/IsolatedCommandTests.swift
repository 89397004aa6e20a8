import Foundation
import TestKit
import Testing

/// Commands that look into strangers' files do it in a child process, whose end is a message like any other.
struct ContainedTests {
  let folder = TemporaryFolder()

  private var network: String {
    URL(filePath: Program.models).deletingLastPathComponent().path + "/Tests/Fixtures/networks/nchw.onnx"
  }

  /// Runs a command and does something to it, or to its child, as soon as `isThere` holds in the shell.
  private func run(_ arguments: [String], _ what: String, when isThere: String) -> ShellResult {
    let script = """
      "$0" "$@" & parent=$!
      children=/proc/$parent/task/$parent/children
      until { read -r child _ || true; } 2>/dev/null <$children && [ -n "$child" ] && \(isThere); do
        kill -0 $parent 2>/dev/null || exit 99
      done
      \(what); wait $parent
      """
    return shell(
      ["bash", "-c", script, Program.path] + arguments,
      environment: ["RIDLEY_MODELS": Program.models, "RIDLEY_CACHE": folder.file("cache")])
  }

  @Test("A damaged network is refused by name by every command that opens one")
  func damaged() throws {
    let bytes = try #require(FileManager.default.contents(atPath: network))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: folder.file("net.onnx")))
    try "infer: net.onnx\n".write(toFile: folder.file("p.yaml"), atomically: true, encoding: .utf8)
    for command in [["tune", folder.file("net.onnx")], ["model", "inspect", folder.file("net.onnx")]] {
      let result = Program.run(command)
      #expect(result.status == 4 && result.output.isEmpty, "\(result)")
      #expect(result.errors.hasPrefix("ridley: ") && result.errors.contains("net.onnx"))
    }
    let result = Program.run(["pipeline", "check", folder.file("p.yaml")])
    #expect(result.status == 4 && result.output.isEmpty)
    #expect(result.errors.contains("p.yaml:1:8: ") && result.errors.contains("net.onnx"), "\(result)")
  }

  /// A large network is read for long enough to be hit.
  @Test("A pipeline whose check crashes is told by name")
  func pipeline() throws {
    let pipe = folder.file("pipe.yaml")
    var large = ONNXNetwork()
    large.input("x", .float, [.fixed(1), .fixed(20_000_000)])
    large.output("y", .float, [.fixed(1), .fixed(20_000_000)])
    let zeros = [Float](repeating: 0, count: 20_000_000)
    large.constant(ONNXNetwork.tensor("w", .float, [1, 20_000_000], zeros))
    large.node("Add", ["x", "w"], ["y"])
    try large.write(to: folder.file("large.onnx"))
    try "infer: large.onnx\n".write(toFile: pipe, atomically: true, encoding: .utf8)
    let crashed = run(["pipeline", "check", pipe], "sleep 0.03; kill -SEGV $child", when: "true")
    #expect(crashed.status == 4 && crashed.output.isEmpty, "\(crashed)")
    #expect(crashed.errors.contains("pipe.yaml: it crashed the process that worked on it (Segmentation fault)"))
  }

  @Test("Tuning whose process crashes is told by name; Ctrl-C ends it in good order, and nothing is remembered")
  func tune() {
    let arguments = ["tune", network, "--task", "classification", "--normalize", "symmetric", "--seconds", "20"]
    // So many threads has only a process that measures.
    let measures = "[ $(ls /proc/$child/task 2>/dev/null | wc -l) -gt 3 ]"
    let crashed = run(arguments, "kill -SEGV $child", when: measures)
    #expect(crashed.status == 4 && crashed.output.isEmpty, "\(crashed)")
    #expect(crashed.errors.contains("nchw.onnx: it crashed the process that worked on it (Segmentation fault)"))
    let ended = run(arguments, "kill -INT $parent", when: measures)
    #expect(ended.status == 130 && ended.output.isEmpty && ended.errors.isEmpty, "\(ended)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("cache/tuned")))
  }
}
