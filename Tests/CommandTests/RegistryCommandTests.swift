import Foundation
import TestKit
import Testing

/// The registry at the command line, and a server that follows it.
@Suite(.timeLimit(.minutes(20)))
struct RegistryCommandTests {
  private let folder = TemporaryFolder()

  /// A network that adds `number` to each of four, as tensors.
  private func write(_ number: Float, name: String = "adder", operator: String = "Add") throws -> String {
    let place = folder.file("made/\(number)/\(name)")
    try AdderModel.write(number, at: place, name: name, operator: `operator`)
    return place
  }

  private func run(_ words: String...) -> ShellResult {
    Program.run(words + ["--library", "lib"], in: folder.path)
  }

  @Test("A version is published once, moved to, told of by moment, and gone back from")
  func commands() throws {
    let first = run("model", "publish", try write(1), "--by", "ann", "--run", "run 1", "--json")
    #expect(first.status == 0 && first.json["version"] as? Int == 1 && first.json["new"] as? Bool == true, "\(first)")
    #expect(run("model", "publish", try write(1), "--json").json["new"] as? Bool == false)
    #expect(run("model", "publish", try write(2), "--json").json["version"] as? Int == 2)
    let before = run("model", "which", "adder", "live")
    #expect(before.status == 3 && before.errors.contains("points nowhere"), "\(before)")
    for version in ["1", "2"] {
      let moved = run("model", "alias", "adder", "live", version, "--reason", "to \(version)", "--by", "bob")
      #expect(moved.status == 0, "\(moved)")
    }
    let which = run("model", "which", "adder", "live")
    #expect(which.output.hasPrefix("adder 2 (sha256:") && which.output.contains("by bob: to 2"), "\(which)")
    let history = try #require(run("model", "history", "adder", "--json").json["moves"] as? [[String: Any]])
    #expect(history.compactMap { $0["to"] as? Int } == [1, 2])
    let past = try #require(history[0]["at"] as? String)
    #expect(run("model", "which", "adder", "live", "--at", "2020-01-01").status == 3)
    #expect(run("model", "which", "adder", "live", "--at", "2999-01-01T00:00").output.hasPrefix("adder 2 "))
    #expect(past.count == 24)
    #expect(run("model", "rollback", "adder").output.contains("points to version 1"))
    #expect(run("model", "alias", "adder", "live", "9").errors.contains("has no version '9'"))
    let exported = run("model", "export", "adder", "live", "out")
    #expect(exported.status == 0 && FileManager.default.fileExists(atPath: folder.file("out/net.onnx")), "\(exported)")
    #expect(run("model", "versions").output.contains("adder"))
  }

  @Test("What does not load moves no alias")
  func unloadable() throws {
    #expect(run("model", "publish", try write(1)).status == 0)
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    // It may be published for a machine that has the operator.
    let other = run("model", "publish", try write(2, operator: "AddOnTheMoon"))
    #expect(other.status == 0, "\(other)")
    let moved = run("model", "alias", "adder", "live", "2")
    #expect(moved.status != 0 && moved.errors.contains("nothing was moved"), "\(moved)")
    #expect(run("model", "which", "adder", "live").output.hasPrefix("adder 1 "))
  }

  @Test("A server follows aliases, and one that is moved by it is in the history")
  func served() throws {
    for number in [1, 2] as [Float] { #expect(run("model", "publish", try write(number)).status == 0) }
    #expect(run("model", "alias", "adder", "live", "1").status == 0)
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    let answers = { (wanted: Double) in
      let request = #"{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[0,0,0,0]}]}"#
      let told = shell(["curl", "-s", "-d", request, "\(server.address)/v2/models/adder/infer"]).json
      let outputs = told["outputs"] as? [[String: Any]]
      return (outputs?.first?["data"] as? [Double])?.first == wanted
    }
    try waitUntil("version 1 to answer") { answers(1) }
    #expect(run("model", "alias", "adder", "live", "2").status == 0)
    try waitUntil("version 2 to answer") { answers(2) }
    #expect(run("model", "alias", "adder", "canary", "1").status == 0)
    try waitUntil("the canary") {
      shell(["curl", "-s", "\(server.address)/v1/models/adder"]).json["aliases"] as? [String: String] == [
        "live": "2", "canary": "1",
      ]
    }
    let put = shell([
      "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", #"{"version":"1"}"#,
      "\(server.address)/v1/models/adder/aliases/live",
    ])
    #expect(put.output == "204")
    try waitUntil("version 1 to answer again") { answers(1) }
    let history = try #require(
      run("model", "history", "adder", "--alias", "live", "--json").json["moves"] as? [[String: Any]])
    #expect(history.compactMap { $0["to"] as? Int } == [1, 2, 1])
    // The folder is this server's: another one is refused, and the one that is there goes on.
    let second = Program.run(
      ["serve", "--library", "lib", "--registry", "--listen", "127.0.0.1:0", "--workers", "0"], in: folder.path,
      environment: server.environment)
    #expect(second.status != 0 && second.errors.contains("another server"), "\(second)")
    #expect(answers(1))
  }

  @Test("A library is not made beside a folder of models, and the registry is not served beside one")
  func refused() throws {
    try FileManager.default.createDirectory(atPath: folder.file("models/mine/1"), withIntermediateDirectories: true)
    let both = Program.run(["serve", "--library", "lib", "--registry", "--models", "models"], in: folder.path)
    #expect(both.status == 2 && both.errors.contains("not both"), "\(both)")
    let none = Program.run(["serve", "--registry"], in: folder.path)
    #expect(none.status == 2 && none.errors.contains("--library"), "\(none)")
    #expect(Program.run(["serve", "--library", ".", "--registry"], in: folder.path).status != 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("models/mine/1")))
  }
}
