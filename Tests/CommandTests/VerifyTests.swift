import Foundation
import TestKit
import Testing

/// `ridley model verify`.
struct VerifyTests {
  private let folder = TemporaryFolder()

  private func run(_ words: [String]) -> (status: Int32, text: String, errors: String) {
    let result = Program.run(["model", "verify"] + words, environment: ["RIDLEY_CACHE": folder.file("cache")])
    return (result.status, result.output, result.errors)
  }

  private func engines(_ text: String) throws -> [[String: Any]] {
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(json["engines"] as? [[String: Any]])
  }

  @Test("Every engine of a network is compared with the network's own runtime, and measured")
  func all() throws {
    let result = run(["line-inspector", "--models", Program.models, "--json"])
    #expect(result.status == 0, "\(result.errors)")
    let engines = try engines(result.text)
    #expect(engines.map { "\($0["choice"] ?? "") \($0["precision"] ?? "")" }.prefix(1) == ["openvino f32"])
    #expect(engines.contains { $0["choice"] as? String == "onnxruntime" && $0["verdict"] as? String == "right" })
    let first = try #require(engines.first)
    #expect(first["verdict"] as? String == "right" && first["inputs"] as? Int == 3)
    #expect((first["largest"] as? Double).map { $0 < 1e-3 } == true)
    #expect((first["inferences_per_second"] as? Double).map { $0 > 0 } == true && first["agreement"] == nil)
  }

  @Test("Footage is looked at too, and the answers to it are compared")
  func footage() throws {
    let film = folder.file("f.mp4")
    let source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=10", "-t", "2", "-pix_fmt", "yuv420p"]
    _ = shell(["ffmpeg", "-v", "error", "-y"] + source + [film])
    let words = ["line-inspector", "--models", Program.models, "--inputs", film, "--frames", "5"]
    let engines = try engines(run(words + ["--json", "--engine", "openvino"]).text)
    #expect(engines.allSatisfy { $0["choice"] as? String == "openvino" })
    #expect((engines.first?["inputs"] as? Int).map { (3...8).contains($0) } == true, "the frames of its own")
    let text = run(words).text
    #expect(text.contains("largest and mean: differences from ONNX Runtime"), "\(text)")
    let missing = run(["line-inspector", "--models", Program.models, "--inputs", folder.file("none.mp4")])
    #expect(missing.status == 3 && missing.errors.contains("none.mp4"), "\(missing.errors)")
  }

  @Test("A network of texts is compared on texts, looked into, and told apart where its manifest does not fit")
  func texts() throws {
    let home = folder.file("models/words")
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try WordsNetwork.write(to: home, name: "words")
    let models = ["--models", folder.file("models")]
    let result = run(["words", "--json"] + models)
    #expect(result.status == 0, "\(result)")
    let engines = try engines(result.text)
    #expect(engines.contains { $0["verdict"] as? String == "right" && $0["inputs"] as? Int == 4 }, "\(result.text)")
    let pictures = run(["words", "--inputs", folder.path] + models)
    #expect(pictures.status == 2 && pictures.errors.contains("'words' takes words"), "\(pictures.errors)")
    let look = { (name: String) in
      Program.run(["model", "inspect", name] + models, environment: ["RIDLEY_CACHE": folder.file("cache")]).output
    }
    let text = look("words")
    #expect(text.contains("runs here yes, on ") && text.contains("task      words"), "\(text)")
    #expect(text.contains("WordPiece by vocab.txt, 7 tokens") && text.contains("vector    4 numbers"), "\(text)")
    #expect(text.contains("length    16 tokens at most") && !text.contains("resize"), "\(text)")
    try FileManager.default.createDirectory(atPath: folder.file("models/unfit"), withIntermediateDirectories: true)
    try WordsNetwork.write(to: folder.file("models/unfit"), name: "unfit", more: ", pooling: none")
    let unfit = look("unfit")
    #expect(unfit.contains("runs here no: ") && unfit.contains("does not fit pooling: none"), "\(unfit)")
    #expect(run(["unfit"] + models).errors.contains("does not fit pooling: none"))
  }

  @Test("A network that takes tensors is compared as such, and one that no other runtime reads is unchecked")
  func tensors() throws {
    let networks = "\(Checkout.path)/Tests/Fixtures/networks"
    let one = run(["\(networks)/arithmetic-i64.onnx"])
    #expect(one.text.contains("onnxruntime") && one.errors == "", "\(one.text)\(one.errors)")
    let other = run(["\(networks)/ir-f32.xml"])
    #expect(other.status == 9 && other.text.contains("nothing else that runs here reads networks of this format"))
    #expect(run([]).status == 2 && run([folder.file("no.onnx")]).status == 3)
  }
}
