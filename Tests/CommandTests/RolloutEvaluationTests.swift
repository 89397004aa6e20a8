import Foundation
import Library
import Registry
import TestKit
import Testing

/// Rules that ask what evaluations found, behind a server.
@Suite(.timeLimit(.minutes(20)))
struct RolloutEvaluationTests {
  private let folder = TemporaryFolder()

  private func run(_ words: String...) -> ShellResult {
    Program.run(words + ["--library", "lib"], in: folder.path)
  }

  private func begin(_ version: Int, _ rule: String) {
    let told = run(
      "model", "rollout", "adder@\(version)", "--shadow", "50%", "--canary", "100%", "--every", "1s", "--rule", rule)
    #expect(told.status == 0, "\(told)")
  }

  private func status() -> (state: String, stage: Int, reason: String) {
    let rollout = run("model", "rollout", "status", "adder", "--json").json["rollout"] as? [String: Any] ?? [:]
    return (
      rollout["state"] as? String ?? "", rollout["stage"] as? Int ?? -1, rollout["reason"] as? String ?? ""
    )
  }

  private func ask(_ client: RolloutClient) throws {
    try waitUntil("the roll-out to end: \(status())", seconds: 240) {
      try client.ask(20)
      return !["running", "paused"].contains(status().state)
    }
  }

  /// Keeps an evaluation with a version, as `model evaluate` does.
  private func evaluate(_ version: Int, _ figure: Double) throws {
    let registry = ModelRegistry(try Library(folder.file("lib"), makes: false))
    let summary = #"{"truth":"t","truth_digest":"t","top1":\#(figure),"failed":0}"#
    _ = try registry.keep(
      .evaluation, of: try registry.find("\(version)", of: "adder"), by: "ann", summary: Array(summary.utf8),
      document: Array("{}".utf8))
  }

  @Test("A rule that asks for evaluations is open without them, and goes on or back once they are kept")
  func evaluated() throws {
    for number in [1, 2, 3] as [Float] {
      let place = folder.file("made/\(number)/adder")
      try AdderModel.write(number, at: place)
      #expect(run("model", "publish", place).status == 0)
    }
    #expect(run("model", "alias", "adder", "live", "1", "--untried").status == 0)
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    try waitUntil("the model to be served") {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/models/adder/ready"]).output
        == "200"
    }
    let client = try RolloutClient(server)
    let rule = "evaluation.top1 >= 1x and errors == 0 and count >= 10"
    begin(2, rule)
    let comparisons = { () -> [String: String] in
      let told = shell(["curl", "-s", "\(server.address)/v1/registry/models/adder/rollout"]).json
      let all = told["rule"] as? [[String: Any]] ?? []
      return Dictionary(
        all.map { ($0["comparison"] as? String ?? "", $0["verdict"] as? String ?? "") }, uniquingKeysWith: { $1 })
    }
    try waitUntil("enough answers: \(status())", seconds: 240) {
      try client.ask(20)
      return comparisons()["count >= 10"] == "holds"
    }
    #expect(comparisons()["evaluation.top1 >= 1x"] == "open" && status().stage == 0)
    let list = shell(["curl", "-s", "\(server.address)/v1/registry/rollouts"]).output
    #expect(list.contains("evaluation.top1 >= 1x (none is kept)"), "\(list)")
    try evaluate(2, 0.9)
    try client.ask(20)
    #expect(comparisons()["evaluation.top1 >= 1x"] == "open" && status().stage == 0, "the baseline has none")
    try evaluate(1, 0.8)
    try ask(client)
    #expect(status().state == "promoted", "\(status())")
    try evaluate(3, 0.7)
    try evaluate(2, 0.8)
    begin(3, rule)
    try ask(client)
    #expect(status().state == "rolled_back" && status().reason.contains("evaluation.top1 >= 1x"), "\(status())")
    #expect(client.failed.isEmpty)
  }
}
