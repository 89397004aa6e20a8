import Catalog
import Foundation
import Items
import TestKit
import Testing
import Updates

/// A centre and two nodes that are updated, each a `ridley serve` of its own.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct FleetUpdateTests {
  private let place = TemporaryFolder()
  private let door = Ports.free()

  private func centre() throws -> LibraryServer {
    let folder = TemporaryFolder()
    for words in [
      ["genpkey", "-algorithm", "ed25519", "-out", "key.pem"],
      ["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"],
    ] { try #require(shell(["openssl"] + words, in: folder.path).status == 0) }
    try "edge: {listen: '127.0.0.1:\(door)', bundle-keys: [public.pem]}\n".write(
      toFile: folder.file("centre.yaml"), atomically: true, encoding: .utf8)
    return try LibraryServer(folder, ["--config", "centre.yaml", "--registry", "--workers", "0"])
  }

  private func node(_ name: String, of centre: LibraryServer) throws -> LibraryServer {
    let made = centre.here(["edge", "token", "--for", name])
    try #require(made.status == 0, "\(made)")
    let file = place.file("\(name).token")
    try made.output.write(toFile: file, atomically: true, encoding: .utf8)
    return try LibraryServer(
      TemporaryFolder(),
      ["--join", "https://127.0.0.1:\(door)", "--token-file", file, "--registry", "--workers", "0"])
  }

  private static let request = #"{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[0,1,2,3]}]}"#

  /// What is added by the version that a node serves; `nil` where it serves none.
  private func answer(_ node: LibraryServer) -> Double? {
    let told = shell(["curl", "-s", "-d", Self.request, "\(node.address)/v2/models/adder/infer"]).json
    return ((told["outputs"] as? [[String: Any]])?.first?["data"] as? [Double])?.first
  }

  private func publish(_ number: Float, at centre: LibraryServer, operator: String = "Add") throws {
    let model = place.file("made/\(number)/adder")
    try AdderModel.write(number, at: model, operator: `operator`)
    let inputs = place.file("inputs")
    try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: true)
    try Self.request.write(toFile: "\(inputs)/a.json", atomically: true, encoding: .utf8)
    let published = centre.here(["model", "publish", model] + (`operator` == "Add" ? ["--examples", inputs] : []))
    try #require(published.status == 0, "\(published)")
  }

  private func update(_ centre: LibraryServer, _ words: String...) -> ShellResult {
    centre.here(
      ["fleet", "update", "--sign", "key.pem", "--health", "1s", "--within", "30s", "--every", "1s"] + words)
  }

  /// Has the bundle of a command signed by openssl, as who has the key elsewhere does, and hands it in over HTTP.
  private func signElsewhere(_ words: [String], at centre: LibraryServer) throws -> ShellResult {
    let written = centre.here(words + ["--unsigned", "bundle.txt"])
    try #require(written.status == 0, "\(written)")
    let signing = ["pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "bundle.txt", "-out", "bundle.sig"]
    try #require(shell(["openssl"] + signing, in: centre.folder.path).status == 0)
    return centre.there(["fleet", "update", "--bundle", "bundle.txt", "--signature", "bundle.sig"])
  }

  private func state(_ version: Int, at centre: LibraryServer) -> (state: String, standings: [String: String]) {
    let told = centre.here(["fleet", "updates", "\(version)", "--json"]).json
    let nodes = (told["nodes"] as? [[String: Any]]) ?? []
    let standings = nodes.map { ($0["node"] as? String ?? "", $0["standing"] as? String ?? "") }
    return ((told["update"] as? [String: Any])?["state"] as? String ?? "", Dictionary(standings) { $1 })
  }

  @Test func `a good version goes by its canary to both nodes, and a bad one is out by itself and never at the other`()
    throws
  {
    let centre = try centre()
    let nodes = try ["dock", "gate"].map { ($0, try node($0, of: centre)) }
    try publish(1, at: centre)
    let begun = update(centre, "--models", "adder@1", "--canary", "50%")
    #expect(begun.status == 0, "\(begun)")
    var most = 0
    try waitUntil("the update to be done", seconds: 240) {
      let (state, standings) = state(1, at: centre)
      if state == "running" { most = max(most, standings.values.count { $0 == "trial" }) }
      return state == "done"
    }
    #expect(most <= 1, "both were on trial at once")
    for (name, node) in nodes { try waitUntil("\(name) to answer") { answer(node) == 1 } }

    try publish(2, at: centre, operator: "AddOnTheMoon")
    #expect(update(centre, "--models", "adder@2", "--canary", "50%").status == 0)
    try waitUntil("the bad one to be stopped", seconds: 240) { state(2, at: centre).state == "stopped" }
    let standings = state(2, at: centre).standings
    #expect(
      standings.values.count { $0 == "left" } == 1 && standings.values.count { $0 == "later" } == 1, "\(standings)")
    for (name, node) in nodes {
      try waitUntil("\(name) to answer as before") { answer(node) == 1 }
      let took = node.here(["model", "versions", "adder", "--json"]).output.contains("\"version\":2")
      #expect(took == (standings[name] == "left"), "\(name)")
    }

    try publish(3, at: centre)
    let third = try signElsewhere(
      ["fleet", "update", "--health", "1s", "--within", "30s", "--every", "1s", "--models", "adder@3"], at: centre)
    #expect(third.status == 0 && third.output.contains("update 3"), "\(third)")
    let twice = centre.here(["fleet", "update", "--bundle", "bundle.txt", "--signature", "bundle.sig"])
    #expect(twice.status != 0 && twice.errors.contains("has begun already, as update 3"), "\(twice)")
    try waitUntil("the third to be done", seconds: 240) { state(3, at: centre).state == "done" }
    for (_, node) in nodes { #expect(answer(node) == 3) }
    let back = try signElsewhere(["fleet", "rollback", "3", "--to", "1", "--every", "1s"], at: centre)
    #expect(back.status == 0, "\(back)")
    try waitUntil("the way back", seconds: 240) { nodes.allSatisfy { answer($0.1) == 1 } }
    let told = centre.here(["fleet", "updates"]).output
    #expect(told.contains("adder@3") && told.contains("back to 1"), "\(told)")
  }

  @Test func `a node that comes late takes a model and, after it, the pipelines of an update that names no model`()
    throws
  {
    let centre = try centre()
    try PlantedDetector.write(to: place.file("made/planted"))
    let published = centre.here(["model", "publish", place.file("made/planted")])
    try #require(published.status == 0, "\(published)")
    let pipelines = place.file("pipelines")
    try FileManager.default.createDirectory(atPath: pipelines, withIntermediateDirectories: true)
    func write(_ threshold: String) throws {
      try "infer: {model: planted, threshold: \(threshold)}\n".write(
        toFile: "\(pipelines)/found.yaml", atomically: true, encoding: .utf8)
    }
    let first = try node("dock", of: centre)
    try write("0.4")
    #expect(update(centre, "--models", "planted@1", "--pipelines", pipelines).status == 0)
    try waitUntil("the first to be done", seconds: 240) { state(1, at: centre).state == "done" }
    try write("0.5")
    #expect(update(centre, "--pipelines", pipelines).status == 0)
    try waitUntil("the second to be done", seconds: 240) { state(2, at: centre).state == "done" }
    first.end()

    let late = try node("gate", of: centre)
    try waitUntil("the late one to have both", seconds: 240) { state(2, at: centre).standings["gate"] == "has" }
    #expect(late.here(["model", "versions", "planted", "--json"]).output.contains("\"version\":1"))
    let told = shell(["curl", "-s", "\(late.address)/v1/pipelines/found"]).output
    #expect(told.contains("0.5"), "\(told)")

    late.end()
    try FileManager.default.removeItem(atPath: late.folder.file("lib/edge/updates/versions/2"))
    try late.startAgain()
    try waitUntil("the lost files to be there again", seconds: 240) {
      shell(["curl", "-s", "\(late.address)/v1/pipelines/found"]).output.contains("0.5")
    }
    #expect(state(2, at: centre).standings["gate"] == "has")
  }

  @Test func `what is signed by another key moves nothing, and a node that is killed in an update goes on with it`()
    throws
  {
    let centre = try centre()
    let node = try node("dock", of: centre)
    try publish(1, at: centre)
    try #require(
      shell(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "other.pem"], in: centre.folder.path).status == 0)
    let foreign = centre.here(["fleet", "update", "--sign", "other.pem", "--models", "adder@1"])
    #expect(foreign.status == 6 && foreign.errors.contains("none of 'bundle-keys'"), "\(foreign)")
    #expect(answer(node) == nil)
    let people = place.file("people.yaml")
    try "infer:\n  - {model: yolox-nano, labels: [persn]}\n".write(toFile: people, atomically: true, encoding: .utf8)
    let (checked, sent) = (Program.run(["pipeline", "check", people]), update(centre, "--pipelines", people))
    #expect(sent.status == checked.status && sent.status != 0, "\(sent)")
    #expect(checked.errors.contains("'persn'") && sent.errors.contains("'persn'"), "\(sent)")
    #expect(update(centre, "--models", "adder@1").status == 0)
    var random = SeededRandom(3)
    for _ in 0..<3 {
      usleep(UInt32.random(in: 0...3_000_000, using: &random))
      node.end()
      try node.startAgain()
    }
    try waitUntil("the node to answer", seconds: 240) { answer(node) == 1 }
    try waitUntil("the update to be done", seconds: 240) { state(1, at: centre).state == "done" }
  }
}

@Suite struct ProgramMarkTests {
  @Test func `the program's file says its version and its schema`() throws {
    let program = try ProgramFile(Program.path).program
    #expect(program.version == Program.run(["version", "--json"]).json["ridley"] as? String)
    #expect(program.schema == LibrarySchema.table.version)
  }
}
