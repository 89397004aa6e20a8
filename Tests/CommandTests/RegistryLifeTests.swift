import Base
import Catalog
import Foundation
import Library
import Predictions
import Registry
import TestKit
import Testing

/// Versions that must answer their recorded inputs as they did, who refers to them, and who signed them, at the command line and in a server.
@Suite(.timeLimit(.minutes(20)))
struct RegistryLifeTests {
  private let folder = TemporaryFolder()

  private func write(_ number: Float, operator: String = "Add") throws -> String {
    let place = folder.file("made/\(number)/adder")
    try AdderModel.write(number, at: place, operator: `operator`)
    return place
  }

  private static let request =
    #"{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[0,1,2,3]}]}"#

  /// One request, and one array as NumPy writes it.
  private func inputs() throws -> String {
    let place = folder.file("inputs")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data(Self.request.utf8).write(to: URL(filePath: "\(place)/a.json"))
    let head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }"
    var array = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(head.utf8.count), 0] + Array(head.utf8))
    for value in [0, 0.5, -1, 100] as [Float] {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { array.append(contentsOf: $0) }
    }
    try array.write(to: URL(filePath: "\(place)/b.npy"))
    return place
  }

  private func run(_ words: String...) -> ShellResult { Program.run(words + ["--library", "lib"], in: folder.path) }

  /// Says of version `to` that it answered as version `from` did.
  private func plant(from: Int, to: Int) throws {
    let registry = ModelRegistry(try Library(folder.file("lib"), makes: false))
    let set = try #require(try registry.examples(of: "adder", version: from).first)
    let (answers, inputs) = try registry.answers(of: set)
    _ = try registry.record(
      Array(zip(inputs, answers.examples.map(\.answer))), of: try registry.find("\(to)", of: "adder"),
      by: answers.computation, who: "eve")
  }

  /// Version 1 and 3 are right; 2 answers otherwise than was recorded, and 4 does not load.
  private func prepare() throws {
    let inputs = try inputs()
    for number in [1, 2, 3] as [Float] {
      let published = run("model", "publish", try write(number), "--examples", inputs)
      #expect(published.status == 0, "\(published)")
    }
    #expect(run("model", "publish", try write(4, operator: "AddOnTheMoon")).status == 0)
    try plant(from: 1, to: 2)
  }

  @Test("No alias moves, and none goes back, to a version that does not load or answers otherwise than it did")
  func planted() throws {
    try prepare()
    let shown = run("model", "show", "adder", "1", "--json").json
    let sets = try #require(shown["examples"] as? [[String: Any]])
    #expect(sets.map { $0["count"] as? Int } == [2])
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    for (version, word) in [("2", "answers its recorded inputs otherwise"), ("4", "cannot be used here")] {
      let moved = run("model", "alias", "adder", "live", version)
      #expect(moved.status != 0 && moved.errors.contains("nothing was moved"), "\(moved)")
      #expect(moved.errors.contains(word), "\(moved)")
      #expect(run("model", "which", "adder", "live").output.hasPrefix("adder 1 "))
      // It was there once, by force; the way back does not lead there.
      #expect(run("model", "alias", "adder", "live", version, "--untried").status == 0)
      #expect(run("model", "alias", "adder", "live", "1").status == 0)
      let back = run("model", "rollback", "adder")
      #expect(back.status != 0 && back.errors.contains("nothing was moved"), "\(back)")
      #expect(run("model", "which", "adder", "live").output.hasPrefix("adder 1 "))
    }
    #expect(run("model", "alias", "adder", "live", "3").status == 0)
    #expect(run("model", "rollback", "adder").output.contains("points to version 1"))
    let recorded = run("model", "record", "adder", "3", "--examples", try inputs(), "--by", "bob")
    #expect(recorded.status == 0 && recorded.output.contains("recorded 2 inputs of adder 3"), "\(recorded)")
    let more = run("model", "show", "adder", "3", "--json").json["examples"] as? [[String: Any]]
    #expect(more?.count == 2)
    try Data("{}".utf8).write(to: URL(filePath: folder.file("inputs/a.json")))
    let refused = run("model", "record", "adder", "3", "--examples", folder.file("inputs"))
    #expect(refused.status == 4 && refused.errors.contains("a.json"), "\(refused)")
  }

  @Test("A version that looks at pictures answers recorded pictures, and one that looks otherwise is refused")
  func pictures() throws {
    let pictures = folder.file("pictures")
    try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    for (name, source) in [("a.png", "testsrc2=s=96x64"), ("b.jpg", "smptebars=s=64x64")] {
      let made = shell([
        "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", "1", "\(pictures)/\(name)",
      ])
      #expect(made.status == 0)
    }
    let published = run(
      "model", "publish", "line-inspector", "--as", "lines", "--threshold", "0.01", "--examples", pictures)
    #expect(published.status == 0, "\(published)")
    let moved = run("model", "alias", "lines", "live", "1")
    #expect(moved.status == 0, "\(moved)")
    // The same pictures, said to have shown one thing more.
    let registry = ModelRegistry(try Library(folder.file("lib"), makes: false))
    let (answers, inputs) = try registry.answers(of: registry.examples(of: "lines", version: 1)[0])
    let found = answers.examples.map { if case .predictions(let found) = $0.answer { found.count } else { -1 } }
    #expect(found.contains { $0 > 0 }, "\(found)")
    let box = Rect(x: 0.1, y: 0.1, width: 0.2, height: 0.2)
    let more = Prediction(kind: .detection, label: "scratch", score: 0.9, box: box)
    let planted = answers.examples.map { example -> RecordedAnswers.Answer in
      if case .predictions(let found) = example.answer { .predictions(found + [more]) } else { example.answer }
    }
    _ = try registry.record(
      Array(zip(inputs, planted)), of: registry.find("1", of: "lines"), by: answers.computation, who: "eve")
    let refused = run("model", "alias", "lines", "canary", "1")
    #expect(refused.status != 0 && refused.errors.contains("a.png: 'scratch' (0.90) is missing"), "\(refused)")
  }

  @Test("A server that follows the registry moves to no version that answers otherwise, also where it is asked to")
  func served() throws {
    try prepare()
    #expect(run("model", "alias", "adder", "live", "3").status == 0)
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    let answer = {
      let told = shell(["curl", "-s", "-d", Self.request, "\(server.address)/v2/models/adder/infer"]).json
      return ((told["outputs"] as? [[String: Any]])?.first?["data"] as? [Double])?.first
    }
    try waitUntil("version 3 to answer") { answer() == 3 }
    #expect(run("model", "alias", "adder", "live", "2", "--untried").status == 0)
    let log = { (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "" }
    try waitUntil("the server to tell of it") { log().contains("version 2 is not served here") }
    #expect(log().contains("'live' stays at version 3") && answer() == 3, "\(log())")
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    try waitUntil("version 1 to answer") { answer() == 1 }
    let put = { (version: String) in
      shell([
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", #"{"version":"\#(version)"}"#,
        "\(server.address)/v1/models/adder/aliases/live",
      ]).output
    }
    // No alias points to it, so it is not here yet; a version that does not load, or is none, comes never.
    try waitUntil("version 3 to be brought, and moved to") { put("3") == "204" }
    #expect(answer() == 3 && put("9") == "404" && put("4") != "204")
    try plant(from: 3, to: 1)
    #expect(run("model", "alias", "adder", "old", "1", "--untried").status == 0)
    // It was right before more was recorded of it, and is not any more.
    let refused = put("1")
    #expect(refused != "204", "\(refused)")
    #expect(run("model", "which", "adder", "live").output.hasPrefix("adder 3 "))
    checkRoutes(of: server)
    // Nor does such a version take over step by step.
    let begun = run("model", "rollout", "adder@2", "--canary", "100%", "--every", "1s", "--rule", "errors == 0")
    #expect(begun.status == 0, "\(begun)")
    try waitUntil("the roll-out to end") {
      run("model", "rollout", "status", "adder").output.contains("answers its recorded inputs otherwise")
    }
    #expect(answer() == 3 && run("model", "which", "adder", "live").output.hasPrefix("adder 3 "))
    checkUnloadable(at: server.address)
    #expect(answer() == 3)
  }

  /// One that cannot be loaded here waits, and nobody promotes it over HTTP.
  private func checkUnloadable(at address: String) {
    #expect(run("model", "rollout", "adder@4", "--canary", "100%").status == 0)
    let promoted = shell([
      "curl", "-s", "-w", "%{http_code}", "-X", "POST", "\(address)/v1/registry/models/adder/rollout/promote",
    ]).output
    #expect(!promoted.hasSuffix("200") && promoted.contains("error"), "\(promoted)")
    #expect(run("model", "which", "adder", "live").output.hasPrefix("adder 3 "))
    #expect(run("model", "rollout", "status", "adder").output.contains("shadow alone"))
  }

  /// Its routes tell the same as the command line.
  private func checkRoutes(of server: LibraryServer) {
    let told = shell(["curl", "-s", "\(server.address)/v1/registry/models/adder/aliases/live"]).json
    #expect((told["version"] as? [String: Any])?["version"] as? Int == 3, "\(told)")
    let facts = shell(["curl", "-s", "\(server.address)/v1/registry/models/adder/versions/1"]).json
    #expect((facts["examples"] as? [Any])?.count == 2, "\(facts)")
    let history = shell(["curl", "-s", "\(server.address)/v1/registry/models/adder/history?alias=live"]).output
    #expect(history.contains(#""by":"owner""#) && history.hasPrefix("["), "\(history)")
    let all = shell(["curl", "-s", "\(server.address)/v1/registry/models"]).output
    #expect(all.contains(#""model":"adder""#), "\(all)")
  }

  @Test("A server that trusts a key serves what its owner signed, and says why it serves nothing else")
  func signed() throws {
    #expect(shell(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder.file("key.pem")]).status == 0)
    #expect(
      shell(["openssl", "pkey", "-in", folder.file("key.pem"), "-pubout", "-out", folder.file("open.pem")]).status == 0)
    #expect(run("model", "publish", try write(1), "--sign", "key.pem").status == 0)
    #expect(run("model", "publish", try write(2)).status == 0)
    #expect(run("model", "verify-signature", "adder", "1", "--trust", "open.pem").status == 0)
    let unsigned = run("model", "verify-signature", "adder", "2", "--trust", "open.pem")
    #expect(unsigned.status != 0 && unsigned.errors.contains("is not signed"), "\(unsigned)")
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    let alone = Program.run(["serve", "--library", "lib", "--trust", "open.pem"], in: folder.path)
    #expect(alone.status == 2 && alone.errors.contains("--registry"), "\(alone)")
    let server = try LibraryServer(folder, ["--registry", "--workers", "0", "--trust", "open.pem"])
    let answer = {
      let told = shell(["curl", "-s", "-d", Self.request, "\(server.address)/v2/models/adder/infer"]).json
      return ((told["outputs"] as? [[String: Any]])?.first?["data"] as? [Double])?.first
    }
    try waitUntil("version 1 to answer") { answer() == 1 }
    #expect(run("model", "alias", "adder", "live", "2").status == 0)
    let log = { (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "" }
    try waitUntil("the server to tell of it") { log().contains("version 2 of 'adder' is not signed") }
    #expect(answer() == 1)
    #expect(run("model", "sign", "adder", "2", "--key", "key.pem").status == 0)
    try waitUntil("version 2 to answer") { answer() == 2 }
  }

  @Test(
    "Tags, metrics, removal and collection at the command line; a model that MLflow logged is published with its run")
  func care() throws {
    for number in [1, 2, 3] as [Float] { #expect(run("model", "publish", try write(number)).status == 0) }
    #expect(run("model", "tag", "adder", "3", "stage=proven", "owner=ann").status == 0)
    #expect(run("model", "metric", "adder", "3", "f1=0.75", "--slice", "night").status == 0)
    let noNumber = run("model", "metric", "adder", "3", "f1=good")
    #expect(noNumber.status == 2 && noNumber.errors.contains("is no number"), "\(noNumber)")
    let shown = run("model", "show", "adder", "3")
    #expect(shown.output.contains("stage=proven") && shown.output.contains("f1=0.75 (night)"), "\(shown)")
    let notes = run("model", "versions", "adder", "--json").json["notes"] as? [[String: Any]]
    #expect(notes?.count == 3)
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    #expect(run("model", "alias", "adder", "live", "3").status == 0)
    let kept = run("model", "remove", "adder", "1")
    #expect(kept.status != 0 && kept.errors.contains("--history"), "\(kept)")
    #expect(run("model", "gc", "--keep", "1", "--dry-run", "--json").json["removed"] as? Bool == false)
    let collected = run("model", "gc", "--keep", "1")
    #expect(collected.status == 0 && run("model", "versions").output.contains("removed"), "\(collected)")
    let gone = run("model", "alias", "adder", "live", "2")
    #expect(gone.status == 3 && gone.errors.contains("was removed"), "\(gone)")
    #expect(run("model", "remove", "adder", "1", "--history", "--reason", "old").status == 0)
    #expect(run("model", "show", "adder", "1").output.contains("removed"))
    #expect(run("model", "answered", "adder@3").output.contains("about no asset"))
    let log = folder.file("mlflow")
    try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(try write(9))/net.onnx", toPath: "\(log)/model.onnx")
    try Data("flavors: {onnx: {data: model.onnx}}\nrun_id: 8b1f0a4d\n".utf8).write(to: URL(filePath: "\(log)/MLmodel"))
    let published = run("model", "publish", "--from", log, "--as", "logged", "--task", "tensor", "--json")
    #expect(published.status == 0, "\(published)")
    #expect((published.json["origin"] as? [String: Any])?["run"] as? String == "8b1f0a4d", "\(published)")
  }
}
