import Foundation
import TestKit
import Testing

struct HelpTests {
  static let texts = [
    ("overview", ["help"]), ("model", ["help", "model"]), ("analyze", ["help", "analyze"]),
    ("watch", ["help", "watch"]), ("probe", ["help", "probe"]), ("tune", ["help", "tune"]),
    ("serve", ["help", "serve"]),
    ("model-list", ["help", "model", "list"]), ("model-pull", ["help", "model", "pull"]),
    ("model-push", ["help", "model", "push"]),
    ("model-inspect", ["help", "model", "inspect"]), ("model-add", ["help", "model", "add"]),
    ("model-quantize", ["help", "model", "quantize"]),
    ("model-verify", ["help", "model", "verify"]), ("model-publish", ["help", "model", "publish"]),
    ("model-versions", ["help", "model", "versions"]), ("model-alias", ["help", "model", "alias"]),
    ("model-rollback", ["help", "model", "rollback"]), ("model-rollout", ["help", "model", "rollout"]),
    ("model-rollout-status", ["help", "model", "rollout", "status"]),
    ("model-rollout-promote", ["help", "model", "rollout", "promote"]),
    ("model-history", ["help", "model", "history"]),
    ("model-which", ["help", "model", "which"]), ("model-export", ["help", "model", "export"]),
    ("model-show", ["help", "model", "show"]), ("model-record", ["help", "model", "record"]),
    ("model-answered", ["help", "model", "answered"]), ("model-tag", ["help", "model", "tag"]),
    ("model-metric", ["help", "model", "metric"]), ("model-sign", ["help", "model", "sign"]),
    ("model-verify-signature", ["help", "model", "verify-signature"]),
    ("model-remove", ["help", "model", "remove"]), ("model-gc", ["help", "model", "gc"]),
    ("model-evaluate", ["help", "model", "evaluate"]), ("model-trial", ["help", "model", "trial"]),
    ("model-evaluations", ["help", "model", "evaluations"]),
    ("pipeline", ["help", "pipeline"]), ("pipeline-drift", ["help", "pipeline", "drift"]), ("key", ["help", "key"]),
    ("stream", ["help", "stream"]), ("stream-drift", ["help", "stream", "drift"]),
    ("stream-export", ["help", "stream", "export"]),
    ("key-create", ["help", "key", "create"]), ("key-list", ["help", "key", "list"]),
    ("key-revoke", ["help", "key", "revoke"]), ("health", ["help", "health"]), ("completion", ["help", "completion"]),
    ("version", ["help", "version"]), ("export", ["help", "export"]), ("client-list", ["help", "client", "list"]),
    ("catalogue", ["help", "catalogue"]), ("catalogue-add", ["help", "catalogue", "add"]),
    ("catalogue-list", ["help", "catalogue", "list"]), ("catalogue-check", ["help", "catalogue", "check"]),
    ("catalogue-remove", ["help", "catalogue", "remove"]),
    ("library-add", ["help", "library", "add"]), ("library-list", ["help", "library", "list"]),
    ("library-show", ["help", "library", "show"]), ("library-edit", ["help", "library", "edit"]),
    ("library-move", ["help", "library", "move"]), ("library-delete", ["help", "library", "delete"]),
    ("library-totals", ["help", "library", "totals"]), ("search", ["help", "search"]),
    ("library-trace", ["help", "library", "trace"]), ("deploy", ["help", "deploy"]),
    ("deploy-check", ["help", "deploy", "check"]), ("deploy-plan", ["help", "deploy", "plan"]),
    ("deploy-apply", ["help", "deploy", "apply"]), ("deploy-drift", ["help", "deploy", "drift"]),
    ("deploy-render", ["help", "deploy", "render"]), ("edge", ["help", "edge"]),
    ("edge-token", ["help", "edge", "token"]), ("edge-list", ["help", "edge", "list"]),
    ("edge-revoke", ["help", "edge", "revoke"]), ("edge-tags", ["help", "edge", "tags"]),
    ("fleet", ["help", "fleet"]), ("fleet-update", ["help", "fleet", "update"]),
    ("fleet-rollback", ["help", "fleet", "rollback"]), ("fleet-stop", ["help", "fleet", "stop"]),
    ("fleet-updates", ["help", "fleet", "updates"]),
  ]

  @Test("Help texts are those checked in (make help-texts writes them anew)", arguments: texts)
  func checkedIn(_ name: String, _ words: [String]) throws {
    let folder = URL(filePath: Program.models).deletingLastPathComponent().path + "/docs/help"
    let expected = try String(contentsOfFile: "\(folder)/\(name).txt", encoding: .utf8)
    let result = Program.run(words)
    #expect(result.status == 0)
    #expect(result.output == expected)
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("--help anywhere shows the command's help, and no command at all shows the overview as an error")
  func anywhere() {
    #expect(Program.run(["analyze", "x.mp4", "--help"]).output == Program.run(["help", "analyze"]).output)
    let bare = Program.run([])
    #expect(bare.status == 2)
    #expect(bare.output.isEmpty)
    #expect(bare.errors.contains("Usage: ridley <command>"))
  }

  @Test("What is misspelt is named with what was probably meant")
  func suggestions() {
    let command = Program.run(["analyse", "x.mp4"])
    #expect(command.status == 2)
    #expect(command.errors.contains("did you mean 'analyze'?"))
    let option = Program.run(["analyze", "x.mp4", "--modle", "y"])
    #expect(option.status == 2)
    #expect(option.errors.contains("unknown option '--modle' (did you mean '--model'?)"))
    let choice = Program.run(["analyze", "x.mp4", "--model", "y", "--resize", "streth"])
    #expect(choice.errors.contains("did you mean 'stretch'?"))
  }

  @Test("Completion scripts are read by their shells without a complaint")
  func completion() throws {
    let folder = TemporaryFolder()
    let script = Program.run(["completion", "bash"]).output
    try script.write(toFile: folder.file("c.bash"), atomically: true, encoding: .utf8)
    let ask =
      "source \(folder.file("c.bash")); COMP_WORDS=(ridley analyze --mo); COMP_CWORD=2; _ridley; echo ${COMPREPLY[*]}"
    let answer = shell(["bash", "-c", ask])
    #expect(answer.errors.isEmpty)
    #expect(answer.output.contains("--model"))
    #expect(Program.run(["completion", "tcsh"]).status == 2)
  }

  @Test(
    "Completion knows the values of options, names of models, files and folders",
    arguments: [
      ("analyze --resize ''", "crop"), ("analyze --resize = lett", "letterbox"),
      ("analyze --model line-i", "line-inspector"),
      ("analyze a.mp4 --output fol", "folder"), ("analyze --labels fil", "file name"), ("analyze fil", "file name"),
      ("model pull yolox-nano-f", "yolox-nano-fp16"), ("model in", "inspect"), ("help mod", "model"),
      ("completion z", "zsh"),
      ("serve --precision bf", "bf16"),
    ])
  func completedValues(line: String, wanted: String) throws {
    let folder = TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: true)
    try "".write(toFile: folder.file("file name"), atomically: true, encoding: .utf8)
    let words = line.split(separator: " ").count
    let ask = """
      cd \(folder.path); ridley() { '\(Program.path)' "$@"; }; source <(ridley completion bash)
      COMP_WORDS=(ridley \(line)); COMP_CWORD=\(words); _ridley; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let answer = shell(["bash", "-c", ask], environment: ["RIDLEY_MODELS": Program.models])
    #expect(answer.errors.isEmpty)
    #expect(answer.output.split(separator: "\n").contains(Substring(wanted)), "\(answer.output)")
    if line.contains("fol") { #expect(answer.output == "folder\n") }
  }
}
