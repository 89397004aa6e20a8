import Foundation
import TestKit
import Testing

/// A centre and nodes, each a `ridley serve` of its own.
@Suite(.serialized) struct EdgeCommandTests {
  private let place = TemporaryFolder()
  private let door = Ports.free()

  private func centre() throws -> LibraryServer {
    let folder = TemporaryFolder()
    try "edge: {listen: '127.0.0.1:\(door)'}\n".write(
      toFile: folder.file("centre.yaml"), atomically: true, encoding: .utf8)
    return try LibraryServer(folder, ["--config", "centre.yaml"])
  }

  private func token(_ name: String, from centre: LibraryServer) throws -> String {
    let file = place.file("\(name).token")
    let made = centre.here(["edge", "token", "--for", name, "--group", "west", "--output", file])
    try #require(made.status == 0 && made.output.isEmpty && made.errors.contains("for you alone to read"), "\(made)")
    #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    return file
  }

  private func node(_ token: String) throws -> LibraryServer {
    try LibraryServer(TemporaryFolder(), ["--join", "https://127.0.0.1:\(door)", "--token-file", token])
  }

  private func log(_ server: LibraryServer) throws -> String {
    try String(contentsOfFile: server.folder.file("log"), encoding: .utf8)
  }

  private func seen(_ name: String, by centre: LibraryServer) -> [String: Any]? {
    let nodes = centre.here(["edge", "list", "--json"]).json["nodes"] as? [[String: Any]]
    return nodes?.first { $0["node"] as? String == name && $0["seen"] != nil }
  }

  @Test func `a node comes in, is seen, and is shut out, and goes on for itself`() throws {
    let centre = try centre()
    let token = try token("dock", from: centre)
    let node = try node(token)
    try waitUntil("the node to be seen") { seen("dock", by: centre) != nil }
    let shown = try #require(seen("dock", by: centre))
    #expect(shown["state"] as? String == "enrolled" && shown["groups"] as? [String] == ["west"])
    let word = try String(contentsOfFile: token, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try log(node).contains("ridley: enrolled as dock at https://127.0.0.1:\(door)"))
    #expect(try !log(node).contains(word) && !log(centre).contains(word))
    #expect(centre.here(["edge", "tags", "dock", "loading"]).output.contains("loading"))
    #expect(centre.here(["edge", "token", "--for", "dock"]).status == 4)

    let copied = Program.run(
      [
        "serve", "--models", node.folder.file("models"), "--library", place.file("thief"), "--listen", "127.0.0.1:0",
        "--join", "https://127.0.0.1:\(door)", "--token-file", token,
      ], environment: ["RIDLEY_FIRST_KEY": ""])
    #expect(copied.status == 6 && copied.errors.contains("used already"), "\(copied)")
    #expect(!copied.errors.contains(word))

    node.end()
    #expect(centre.here(["edge", "revoke", "dock"]).status == 0)
    usleep(1_000_000)
    try node.startAgain()
    try waitUntil("the node to hear that it is out") { try log(node).contains("was revoked") }
    #expect(node.here(["library", "list"]).status == 0)
    #expect(seen("dock", by: centre)?["state"] as? String == "revoked")
    #expect(centre.here(["fleet", "status"]).output.contains("dock"))
    // In two days.
    let later = Program.run(
      ["fleet", "status", "--library", "lib"], in: centre.folder.path,
      environment: ["RIDLEY_CLOCK_OFFSET_MS": "172800000"])
    #expect(
      later.output == "1 node revoked more than a day ago: 'ridley edge list' shows them\n", "\(later)")
  }

  @Test func `the centre tells how a node is, and what its log says`() throws {
    let centre = try centre()
    let node = try node(try token("yard", from: centre))
    try waitUntil("the node to be seen") { seen("yard", by: centre) != nil }
    let nodes = centre.here(["fleet", "status", "--group", "west", "--json"]).json["nodes"] as? [[String: Any]]
    let summary = try #require(nodes?.first?["summary"] as? [String: Any])
    #expect(summary["version"] as? String != nil && (summary["disk"] as? [String: Any])?["free"] as? Int ?? 0 > 0)
    #expect(centre.here(["fleet", "status"]).output.contains("yard"))
    #expect(centre.here(["fleet", "status", "--group", "east"]).output == "no nodes in the group east\n")
    // The node is away, is asked, and answers when it is back.
    node.end()
    let late = centre.here(["fleet", "logs", "yard", "--lines", "20", "--for", "100ms"])
    #expect(late.status == 8 && late.errors.contains("did not answer within 100ms"), "\(late)")
    try node.startAgain()
    let told = centre.here(["fleet", "logs", "yard", "--lines", "20"])
    #expect(told.status == 0 && told.output.contains("serving at"), "\(told)")
    #expect(centre.here(["fleet", "logs", "gone"]).status == 3)
    // Moments are taken as they are printed.
    let list = centre.here(["library", "list", "--from", "2026-12-01T03:57:13.250Z"])
    #expect(list.status == 0, "\(list)")
  }

  @Test func `for how long a token can be used is asked for in numbers that can be said`() throws {
    let result = Program.run(["edge", "token", "--for", "dock", "--hours", "0"], in: place.path, environment: [:])
    #expect(result.status == 2 && result.errors.contains("from 0.0167 to 720.0"), "\(result)")
  }

  @Test func `a node whose centre is away serves anyway, and comes in when that is back`() throws {
    let centre = try centre()
    let token = try token("gate", from: centre)
    centre.end()
    let node = try node(token)
    try waitUntil("the node to say so") { try log(node).contains("looked for again") }
    // It asks again after a second or two, and says no more of that.
    usleep(4_000_000)
    let told = try log(node)
    #expect(told.components(separatedBy: "the centre https://").count == 2, "\(told)")
    #expect(node.here(["library", "list"]).status == 0)
    try centre.startAgain()
    try waitUntil("the node to be seen") { seen("gate", by: centre) != nil }
    // What it knows of itself is in its folder: a start goes on, also without a centre, and without the token's file.
    centre.end()
    node.end()
    try FileManager.default.removeItem(atPath: token)
    try node.startAgain()
    #expect(try log(node).contains("passed over") && node.here(["library", "list"]).status == 0)
    try centre.startAgain()
    let before = seen("gate", by: centre)?["seen"] as? String
    try waitUntil("the node to be seen again") { seen("gate", by: centre)?["seen"] as? String != before }
  }

  @Test(arguments: [
    (["--join", "http://127.0.0.1:1"], 2, "https alone"), (["--join", "https://127.0.0.1:1"], 2, "not enrolled yet"),
    (["--join", "https://127.0.0.1:1", "--token", "rn_secretsecret"], 2, "no token of 'ridley edge token'"),
  ])
  func `what cannot be joined is told at once`(_ words: [String], _ status: Int32, _ message: String) throws {
    try FileManager.default.createDirectory(atPath: place.file("models"), withIntermediateDirectories: true)
    let result = Program.run(
      ["serve", "--models", "models", "--library", "lib", "--listen", "127.0.0.1:0"] + words, in: place.path,
      environment: ["RIDLEY_FIRST_KEY": ""])
    #expect(result.status == status && result.errors.contains(message), "\(result)")
    #expect(!result.errors.contains("secretsecret"))
  }

  @Test func `what is refused at the start ends once, also where threads of a library that was there are at work`()
    throws
  {
    let centre = try centre()
    let token = try token("gate", from: centre)
    centre.end()
    for _ in 0..<6 {
      let result = Program.run(
        ["serve", "--models", "models", "--library", "lib", "--listen", "127.0.0.1:0", "--token-file", token],
        in: centre.folder.path, environment: ["RIDLEY_FIRST_KEY": ""])
      #expect(result.status == 2 && result.errors.contains("--join URL"), "\(result)")
      #expect(!result.errors.contains("crashed"), "\(result)")
    }
  }

  @Test func `pipelines that are none are not sent, as nodes would be left with none`() throws {
    let centre = try centre()
    try FileManager.default.createDirectory(atPath: centre.folder.file("none"), withIntermediateDirectories: true)
    for (name, status, words) in [
      ("none", Int32(4), "no pipeline NAME.yaml"), ("nowhere", 3, "there is no file or folder nowhere"),
    ] {
      let result = centre.here(["fleet", "update", "--pipelines", name, "--unsigned", "bundle.txt"])
      #expect(result.status == status && result.errors.contains(words), "\(result)")
    }
  }
}
