import Foundation
import TestKit
import Testing

/// A fresh checkout, in which most models are names and addresses yet.
struct FreshTests {
  let folder = TemporaryFolder()

  /// Manifests of two small files and one that no server has, and the starter model.
  private func models() throws -> LocalServer {
    let files = FileManager.default
    try files.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
    try files.copyItem(atPath: Program.models + "/line-inspector", toPath: folder.file("models/line-inspector"))
    try "net".write(toFile: folder.file("net.bin"), atomically: true, encoding: .utf8)
    let digest = shell(["sha256sum", folder.file("net.bin")]).output.prefix(64)
    let server = try LocalServer(folder: folder.path)
    for (name, way) in [("far", ""), ("farther", ""), ("gone", "/status/404")] {
      try files.createDirectory(atPath: folder.file("models/\(name)"), withIntermediateDirectories: true)
      let manifest = """
        {name: \(name), summary: A net., license: MIT, task: tensor, output: {decoder: raw}, files: [{path: net.bin,
        url: "\(server.address)\(way)/net.bin", sha256: \(digest)}]}
        """
      try manifest.write(toFile: folder.file("models/\(name)/model.yaml"), atomically: true, encoding: .utf8)
    }
    return server
  }

  @Test("A server tells of all models that were not pulled in one line")
  func oneLine() throws {
    _ = try models()
    let told = Program.toldOnServing(folder)
    #expect(told.contains("  line-inspector 1: ready"), "\(told)")
    #expect(
      told.contains(
        "  3 not pulled yet (far, farther, gone): 'ridley model pull far' fetches one, --all all of them\n"),
      "\(told)")
    #expect(!told.contains("not here"))
  }

  @Test(
    "A network without an address is told with the command that makes it, by its pull, by a run and by the list of pipelines",
    arguments: ["attention-center", "efficientnet-lite0", "nsfwjs", "open-nsfw", "silero-vad", "transnetv2"])
  func made(name: String) throws {
    let homes = ["RIDLEY_HOME": folder.file("home"), "RIDLEY_MODELS": ""]
    let command = Program.models.replacing("/models", with: "/tools/network") + " " + name
    #expect(FileManager.default.isExecutableFile(atPath: String(command.prefix { $0 != " " })))
    let models = ["--models", Program.models]
    let pulled = Program.run(["model", "pull", name] + models, environment: homes)
    #expect(pulled.status == 3 && pulled.errors.contains("run '\(command)', which makes it"), "\(pulled.errors)")
    let run = Program.run(["analyze", "picture.jpg", "--model", name] + models, environment: homes)
    #expect(run.status == 3 && run.errors.contains("run '\(command)'"), "\(run.errors)")
    let list = Program.run(["pipeline", "list"] + models, environment: homes).output
    #expect(list.contains("\(name) (\(command))"), "\(list)")
  }

  @Test(
    "model pull --all fetches what is not here and tells of what cannot be had; names alone come from model list --names"
  )
  func all() throws {
    let server = try models()
    // The checkout's own models are on the list too; a mirror keeps the test from fetching them.
    let arguments = ["--models", folder.file("models")]
    let mirror = ["--mirror", folder.file("mirror")]
    for name in ["far", "farther"] {
      try FileManager.default.createDirectory(
        atPath: folder.file("mirror/\(name)"), withIntermediateDirectories: true)
      try "net".write(toFile: folder.file("mirror/\(name)/net.bin"), atomically: true, encoding: .utf8)
    }
    let homes = ["RIDLEY_HOME": folder.file("home"), "RIDLEY_MODELS": ""]
    let pulled = Program.run(["model", "pull", "--all"] + arguments + mirror, environment: homes)
    #expect(pulled.status == 9, "\(pulled.errors)")
    #expect(pulled.output.contains("far is ready") && pulled.output.contains("farther is ready"))
    #expect(pulled.errors.contains("gone: ") && pulled.errors.contains("models could not be fetched"))
    let again = Program.run(["model", "pull", "--all"] + arguments + mirror, environment: homes)
    #expect(again.status == 3 && again.output.isEmpty)
    #expect(Program.run(["model", "pull"]).status == 2)
    #expect(Program.run(["model", "pull", "far", "--all"]).status == 2)
    let names = Program.run(["model", "list", "--names"] + arguments, environment: homes).output.split(separator: "\n")
    #expect(Set(["far", "farther", "gone", "line-inspector"]).isSubset(of: names))
    withExtendedLifetime(server) {}
  }
}
