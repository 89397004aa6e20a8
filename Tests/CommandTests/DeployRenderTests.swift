import Foundation
import TestKit
import Testing

/// `ridley deploy render` at the command line; what is rendered, DeployTargetsTests say.
struct DeployRenderTests {
  private static let sites = Checkout.path + "/deploy/sites"

  private func render(_ words: String...) -> ShellResult { Program.run(["deploy", "render"] + words) }

  private func files(_ folder: String) -> [String: Data] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let pairs = names.compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, $0) }
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  @Test(
    "The files of a stage are written, and a second time they are as before",
    arguments: [
      ("line", "dev", "compose"), ("media", "staging", "kubernetes"), ("jobs", "production", "aws"),
    ])
  func writes(_ name: String, _ stage: String, _ target: String) throws {
    let folder = TemporaryFolder()
    let words = ["\(Self.sites)/\(name).yaml", "--to", target, "--stage", stage, "--out", folder.file("out")]
    let first = Program.run(["deploy", "render"] + words)
    #expect(first.status == 0, "\(first)")
    #expect(first.output.contains("new        ") && first.output.contains("says nothing of 'render: costs:'"))
    let there = files("\(Self.sites)/\(name)-\(stage)-\(target)")
    #expect(!there.isEmpty && files(folder.file("out")) == there)

    try Data("mine".utf8).write(to: URL(filePath: folder.file("out/secret.yaml")))
    let again = Program.run(["deploy", "render"] + words)
    #expect(!again.output.contains("new  ") && !again.output.contains("changed"), "\(again)")
    #expect(again.output.contains("not ours   \(folder.file("out/secret.yaml"))"))
    #expect(files(folder.file("out"))["secret.yaml"] == Data("mine".utf8))
  }

  @Test("Without a folder the files are shown, and a platform has to be said")
  func shows() {
    let shown = render("\(Self.sites)/line.yaml", "--to", "compose", "--stage", "dev")
    #expect(shown.status == 0 && shown.output.hasPrefix("# --- compose.yaml\n"), "\(shown)")
    #expect(render("\(Self.sites)/line.yaml", "--stage", "dev").errors.contains("say which platform is meant"))
    #expect(render("\(Self.sites)/line.yaml", "--to", "helm", "--stage", "dev").status == 2)
    #expect(render("\(Self.sites)/line.yaml", "--to", "compose").errors.contains("--stage dev or production"))
  }

  @Test("A blueprint that is not sound is not rendered, and nothing is written")
  func refuses() throws {
    let folder = TemporaryFolder()
    let text = "servers: {a: {address: 'http://127.0.0.1:1'}}\nlimits: {bodi: 1MiB}\nrender: {name: a, image: 'r:1'}\n"
    try Data(text.utf8).write(to: URL(filePath: folder.file("site.yaml")))
    let told = render(folder.file("site.yaml"), "--to", "compose", "--out", folder.file("out"))
    #expect(told.status != 0 && told.errors.contains("site.yaml:2:"), "\(told)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test("Files of others that have the same names are not written over")
  func spares() throws {
    let folder = TemporaryFolder()
    try Data("mine".utf8).write(to: URL(filePath: folder.file("ridley.yaml")))
    let told = render("\(Self.sites)/line.yaml", "--to", "compose", "--stage", "dev", "--out", folder.path)
    #expect(
      told.status != 0 && told.errors.contains("ridley.yaml is there, and what is there was not rendered"), "\(told)")
    #expect(files(folder.path) == ["ridley.yaml": Data("mine".utf8)])
  }

  @Test("A rendering that was stopped behind its first file goes on where it was")
  func goesOn() throws {
    let folder = TemporaryFolder()
    let words = ["\(Self.sites)/media.yaml", "--to", "kubernetes", "--stage", "staging", "--out", folder.file("out")]
    let first = Program.run(["deploy", "render"] + words)
    let begun = folder.file("out/kustomization.yaml")
    #expect(first.output.hasPrefix("new        \(begun)\n"), "\(first)")
    let bytes = try #require(FileManager.default.contents(atPath: begun))
    try FileManager.default.removeItem(atPath: folder.file("out"))
    try FileManager.default.createDirectory(atPath: folder.file("out"), withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: begun))
    let again = Program.run(["deploy", "render"] + words)
    #expect(again.status == 0 && again.output.contains("as before  \(begun)"), "\(again)")
    #expect(files(folder.file("out")) == files("\(Self.sites)/media-staging-kubernetes"))
  }

  @Test("Where there are no servers, what is theirs is named")
  func names() {
    let told = render("\(Self.sites)/media.yaml", "--to", "aws", "--stage", "staging")
    #expect(told.status == 0 && told.errors.contains("of streams, trusted-proxies, settings"), "\(told)")
  }

  @Test("What was never measured costs no invented amount, and a rate that was is told again from its file")
  func costs() throws {
    let folder = TemporaryFolder()
    let text = """
      servers: {a: {address: 'http://127.0.0.1:1'}}
      render:
        name: a
        image: r:1
        server: {replicas: 1}
        costs: {prices: \(Checkout.path)/pricing/sample.yaml, machine: two-cores, function: function, pipelines: [p.yaml]}
      """
    try Data(text.utf8).write(to: URL(filePath: folder.file("site.yaml")))
    try Data("infer: line-inspector\n".utf8).write(to: URL(filePath: folder.file("p.yaml")))
    let words = [folder.file("site.yaml"), "--to", "compose", "--out", folder.file("out")]
    let bare = Program.run(["deploy", "render"] + words)
    #expect(bare.status == 0 && bare.output.contains("| p.yaml | "), "\(bare)")
    #expect(bare.output.contains("| – | – | no rate measured |"), "\(bare)")
    #expect(FileManager.default.fileExists(atPath: folder.file("out/costs.md")))

    // Rates of decoding alone are no rates of the pipeline.
    let rates =
      #"{"rates":1,"machine":"m","known":[{"of":"decode","width":1920,"height":1080,"codec":"h264","mean":0.004,"count":9}]}"#
    try Data((rates + "\n").utf8).write(to: URL(filePath: folder.file("rates.json")))
    let some = Program.run(["deploy", "render"] + words + ["--rates", folder.file("rates.json")])
    #expect(some.output.contains("| – | – | no rate measured: "), "\(some)")
    #expect(some.output.contains("infer line-inspector") && some.output.contains("Rates: of tasks on m."), "\(some)")
    #expect(
      FileManager.default.contents(atPath: folder.file("out/rates.json")) == Data((rates + "\n").utf8),
      "another rendering has the same rates")
  }
}
