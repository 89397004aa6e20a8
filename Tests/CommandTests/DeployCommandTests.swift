import Foundation
import TestKit
import Testing

/// Blueprints at the command line, with three servers.
@Suite(.timeLimit(.minutes(60)))
struct DeployCommandTests {
  /// `make soak-deploy` says more.
  private static let edits = ProcessInfo.processInfo.environment["RIDLEY_DEPLOY_EDITS"].flatMap(Int.init) ?? 3
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_DEPLOY_KILLS"].flatMap(Int.init) ?? 1

  @Test(
    "Three servers have what a blueprint says after every edit of it and of them; what is stale, killed or bad leaves nothing half"
  )
  func threeServers() throws {
    var dice = SeededRandom(7)
    let place = try DeployedServers()
    try place.write()
    #expect(place.deploy("check", "site.yaml").status == 0)
    for edit in 0..<Self.edits { try self.edit(place, edit, &dice) }
    for kill in 0..<Self.kills {
      place.change(&dice)
      try place.write()
      place.applyAndKill(after: Double.random(in: 0.05...1.5, using: &dice))
      let told = place.deploy("apply", "site.yaml")
      #expect(told.status == 0, "\(told)")
      #expect(place.contents == place.expected, "kill \(kill)")
    }
    try leavesAllWithBadModel(place)
  }

  private func edit(_ place: DeployedServers, _ number: Int, _ dice: inout SeededRandom) throws {
    place.change(&dice)
    try place.write()
    let planned = place.deploy("plan", "site.yaml", "--out", "plan.json")
    #expect([0, 10].contains(planned.status), "\(planned)")
    // Others move what is the blueprint's, or is to be.
    let version = place.content(of: "b").aliases["live"] == "1" ? 2 : 1
    place.put("models/sums/aliases/live", #"{"version":"\#(version)"}"#, on: "b")
    let moved = place.contents
    let stale = place.deploy("apply", "plan.json")
    #expect(stale.status == 4 && place.contents == moved, "\(stale)")
    if number > 0 {
      let drift = place.deploy("drift", "site.yaml")
      #expect(drift.status == 10 && drift.output.contains("alias sums/live on b"), "\(drift)")
    }
    let applied = place.deploy("apply", "site.yaml", "--adopt")
    #expect(applied.status == 0, "\(applied)")
    #expect(place.contents == place.expected, "edit \(number)")
    let again = place.deploy("plan", "site.yaml")
    #expect(again.status == 0 && place.deploy("drift", "site.yaml").output == "all is as it was applied\n", "\(again)")
  }

  private func leavesAllWithBadModel(_ place: DeployedServers) throws {
    let before = place.contents
    place.wanted["a"]?.aliases["live"] = "9"
    place.wanted["c"]?.streams["late"] = 150
    try place.write()
    for words in [["plan", "site.yaml"], ["apply", "site.yaml"]] {
      let told = Program.run(["deploy"] + words, in: place.folder.path)
      #expect(told.status == 4 && told.errors.contains("the server has no version 9 of 'sums': it has 1, 2"), "\(told)")
    }
    #expect(place.contents == before)
  }

  @Test("Who moved an alias, when and why is told where the server follows a registry")
  func whoMovedIt() throws {
    let folder = TemporaryFolder()
    for number in [1, 2] as [Float] {
      let place = folder.file("made/\(number)/adder")
      try AdderModel.write(number, at: place)
      #expect(Program.run(["model", "publish", place, "--library", "lib"], in: folder.path).status == 0)
    }
    let move = { (alias: String, version: String, more: [String]) in
      Program.run(["model", "alias", "adder", alias, version, "--library", "lib"] + more, in: folder.path)
    }
    for (alias, version) in [("live", "1"), ("next", "2")] { #expect(move(alias, version, []).status == 0) }
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    try waitUntil("both versions") {
      let told = shell(["curl", "-s", "\(server.address)/v1/models/adder"]).json
      return (told["versions"] as? [[String: Any]])?.filter { $0["state"] as? String == "ready" }.count == 2
    }
    let text = "servers: {main: {address: '\(server.address)'}}\nmodels: {adder: {aliases: {live: 2}}}\n"
    try Data(text.utf8).write(to: URL(filePath: folder.file("site.yaml")))
    #expect(
      Program.run(["deploy", "apply", "site.yaml"], in: folder.path).errors.contains("take it over with --adopt"))
    #expect(Program.run(["deploy", "apply", "site.yaml", "--adopt"], in: folder.path).status == 0)
    #expect(move("live", "1", ["--by", "ann", "--reason", "misses scratches"]).status == 0)
    try waitUntil("the move to be followed") {
      Program.run(["deploy", "drift", "site.yaml"], in: folder.path).status == 10
    }
    let told = Program.run(["deploy", "drift", "site.yaml", "--json"], in: folder.path).json
    let drift = try #require((told["drift"] as? [[String: Any]])?.first)
    #expect(drift["by"] as? String == "ann" && drift["reason"] as? String == "misses scratches", "\(drift)")
    #expect((drift["now"] as? [String: String]) == ["version": "1"])
  }

  @Test(
    "What is wrong with a blueprint is told with file, line and column, in every stage, and a stage has to be named")
  func refusals() throws {
    let folder = TemporaryFolder()
    let text = """
      servers: {main: {address: "http://127.0.0.1:9"}}
      limits: {bodi: 64MiB}
      streams: {dock: {source: "rtsp://admin:hunter2@camera/x"}}
      stages:
        dev: {queue: {lenght: 3}}
        live: {queue: {length: 0}}
      """
    try Data(text.utf8).write(to: URL(filePath: folder.file("site.yaml")))
    let check = { Program.run(["deploy", "check", "site.yaml"], in: folder.path) }
    #expect(check().status == 4 && check().errors.contains("site.yaml:3:26: source has a password in it"))
    #expect(!check().errors.contains("hunter2"))
    try Data(text.replacing("admin:hunter2@", with: "").utf8).write(to: URL(filePath: folder.file("site.yaml")))
    let told = check().errors
    for words in [
      "3 things are wrong", "site.yaml:2:10: unknown key 'bodi' in limits (did you mean 'body'?)",
      "site.yaml:5:17: unknown key 'lenght' in queue (did you mean 'length'?)", "site.yaml:6:26: 0 is out of range",
    ] { #expect(told.contains(words), "\(told)") }
    let plan = Program.run(["deploy", "plan", "site.yaml"], in: folder.path)
    #expect(plan.status == 2 && plan.errors.contains("say which one, --stage dev or live"))
  }
}
