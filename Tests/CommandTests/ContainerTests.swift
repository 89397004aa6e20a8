import Foundation
import TestKit
import Testing

/// What a program meets in a container: it may be the first process, and there may be no `/proc`.
@Suite(.enabled(if: Namespaces.areThere, "the system makes no namespaces for this user"))
struct ContainerTests {
  private let folder = TemporaryFolder()

  @Test("Without /proc it knows its arguments, its own place and how to start itself")
  func withoutProc() throws {
    // The loader, too, finds libraries beside the program through /proc.
    let libraries = Checkout.path + "/.deps/openvino/libs"
    func run(_ words: String) -> ShellResult {
      let script = "umount -l /proc && LD_LIBRARY_PATH='\(libraries)' '\(Program.path)' \(words)"
      return shell(["unshare", "--mount", "--propagation", "private", "bash", "-c", script], in: folder.path)
    }
    let version = run("version")
    #expect(version.status == 0 && version.output.hasPrefix("ridley "), "\(version)")
    #expect(run("model list --json").json["models"] is [Any])
    try Data().write(to: URL(filePath: folder.file("empty.mp4")))
    let probe = run("probe empty.mp4")
    #expect(probe.status == 4 && probe.errors.contains("empty.mp4"), "\(probe)")
  }

  @Test("As the first process it ends when it is asked to, whatever it is doing", arguments: ["TERM", "INT"])
  func first(_ signal: String) {
    let script = """
      mkfifo words; sleep 30 >words & writer=$!
      unshare --pid --fork '\(Program.path)' probe - <words & parent=$!
      for try in $(seq 100); do child=$(pgrep -P $parent ridley) && break; sleep 0.05; done
      sleep 0.5; kill -\(signal) $child; wait $parent; echo "code $?"; kill -9 $writer
      """
    let result = shell(["bash", "-c", script], in: folder.path)
    let wanted = signal == "TERM" ? 143 : 130
    #expect(result.output == "code \(wanted)\n", "\(result)")
  }

  @Test("As the first process a server takes back what others leave behind, and drains when it is asked to end")
  func reaps() throws {
    try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
    let script = """
      unshare --pid --fork bash -c '(sleep 0.2 &); exec "$0" serve --models models --listen 127.0.0.1:0' \
        '\(Program.path)' 2>log & parent=$!
      for try in $(seq 200); do grep -q 'serving at' log && break; sleep 0.05; done
      sleep 0.5; child=$(pgrep -P $parent); echo "left $(ps -o stat= --ppid $child | grep -c Z)"
      kill -TERM $child; wait $parent; echo "code $?"
      """
    let result = shell(["bash", "-c", script], in: folder.path)
    #expect(result.output == "left 0\ncode 0\n", "\(result)")
  }
}

private enum Namespaces {
  static let areThere = shell(["unshare", "--mount", "--pid", "--fork", "true"]).status == 0
}
