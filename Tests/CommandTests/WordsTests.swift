import Foundation
import TestKit
import Testing

/// Searches by words, here and at a server.
@Suite(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
struct WordsTests {
  private let folder = TemporaryFolder()

  private func place(_ model: String, _ files: [(name: String, source: String)], _ text: String) throws {
    let home = folder.file("models/\(model)")
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    for (name, source) in files { try FileManager.default.copyItem(atPath: source, toPath: "\(home)/\(name)") }
    let listed = files.map { "  - path: \($0.name)\n" }.joined()
    try "name: \(model)\nsummary: s\nlicense: Apache-2.0\nfiles:\n\(listed)\(text)"
      .write(toFile: "\(home)/model.yaml", atomically: true, encoding: .utf8)
  }

  private func placeSentences(_ name: String, more: String = "") throws {
    try place(
      name,
      [
        ("model.onnx", AnalyserData.path("all-MiniLM-L6-v2-int8.onnx")),
        ("vocab.txt", AnalyserData.path("all-MiniLM-L6-v2_vocab.txt")),
      ], "task: tensor\noutput: { decoder: raw }\ntext: { vocabulary: vocab.txt\(more) }\n")
  }

  private func placeConcepts() throws {
    try place(
      "concepts",
      [
        ("net.onnx", AnalyserData.path("efficientnet_lite0.onnx")),
        ("labels.txt", Program.models + "/efficientnet-lite0-concepts/labels.txt"),
      ],
      """
      task: embedding
      input: { color: rgb, resize: crop, crop: 0.875, interpolation: bicubic, mean: 127, scale: 128 }
      output: { decoder: vector, scores: probabilities }
      labels: labels.txt

      """)
  }

  /// What two answers at different moments may differ in.
  private func timeless(_ result: ShellResult) -> String {
    let output = result.output.replacing(/"asOf":"[^"]*"/, with: "")
    return "\(result.status) \(output) \(result.errors)"
  }

  @Test func `what words find is the same here and at a server, and labels say why`() throws {
    try placeSentences("sentences")
    try placeConcepts()
    let server = try LibraryServer(folder)
    let pictures = [
      "grocery/train/Fruit/Banana/Banana_014.jpg", "osie/1401.jpg", "osie/1395.jpg", "osie/1092.jpg", "osie/1192.jpg",
    ].map { AnalyserData.path($0) }
    let analysis = server.here(["analyze"] + pictures + ["--model", "concepts", "--models", "models", "--quiet"])
    try #require(analysis.status == 0, "\(analysis)")
    let assets = try #require(server.here(["library", "list", "--json"]).json["assets"] as? [[String: Any]])
    let names = Dictionary(uniqueKeysWithValues: assets.map { ($0["asset"] as! String, $0["name"] as! String) })
    for (words, wanted) in [("banana", "Banana_014.jpg"), ("a little dog", "1401.jpg"), ("cars on a road", "1395.jpg")]
    {
      let here = server.here(["search", "--words", words, "--models", "models", "--json"])
      #expect(timeless(here) == timeless(server.there(["search", "--words", words, "--json"])))
      let found = try #require(here.json["found"] as? [[String: Any]], "\(here)")
      #expect(found.count == pictures.count && names[found[0]["asset"] as? String ?? ""] == wanted, "\(words)")
      #expect(!(found[0]["because"] as? [[String: Any]] ?? []).isEmpty && here.json["method"] as? String == "concepts")
    }
    let text = server.there(["search", "--words", "banana", "--limit", "1"])
    #expect(text.output.contains("because of") && text.output.contains("banana 9"), "\(text)")
    let banana = try #require(names.first { $0.value == "Banana_014.jpg" }?.key)
    let rest = ["search", "--words", "banana", "NOT asset:\(banana)", "--json"]
    let filtered = server.here(rest + ["--models", "models"])
    #expect((filtered.json["found"] as? [Any])?.count == pictures.count - 1)
    #expect(timeless(filtered) == timeless(server.there(rest)))
    // Near-duplicates take probabilities only because there is nothing else.
    #expect(server.here(["search", "duplicates", "--least", "0.1"]).output.contains("by concepts@"))
  }

  @Test func `what is missing is refused with the way to it`() throws {
    try placeConcepts()
    let server = try LibraryServer(folder)
    let picture = AnalyserData.path("osie/1401.jpg")
    try #require(server.here(["analyze", picture, "--model", "concepts", "--models", "models", "--quiet"]).status == 0)
    let ask = ["search", "--words", "a dog"]
    #expect(server.here(ask + ["--models", "models"]).errors.contains("wants a network of texts, and there is none"))
    #expect(server.there(ask).errors.contains("this server has no network of texts"))
    #expect(
      server.here(ask + ["--models", "models", "--text-model", "concepts"]).errors.contains("takes no words"))
    try placeSentences("sentences")
    try placeSentences("towers", more: ", pictures: absent")
    let several = server.here(ask + ["--models", "models"])
    #expect(several.errors.contains("say --text-model, one of sentences, towers"), "\(several)")
    #expect(server.here(ask + ["--models", "models", "--text-model", "sentences"]).status == 0)
    let absent = server.here(ask + ["--models", "models", "--text-model", "towers"])
    #expect(absent.status != 0 && absent.errors.contains("no vectors of 'absent'"), "\(absent)")
    #expect(server.here(ask + ["--like", "01J"]).errors.contains("say one of --like, --picture and --words"))
  }
}
