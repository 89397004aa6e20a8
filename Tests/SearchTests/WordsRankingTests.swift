import Base
import Catalog
import Execution
import Foundation
import Inference
import LibraryKit
import ModelHub
import TestKit
import Testing

@testable import Search

/// What words find among real pictures, held against conse.py; `Tests/Fixtures/words/make_conse.py` made what is expected.
@Suite(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
struct WordsRankingTests {
  private struct Golden: Decodable {
    struct Picture: Decodable {
      var name: String
      var labels: [String: Float]
    }

    struct Query: Decodable {
      var words: String
      var found: [Int]
      var similarity: [Double]
    }

    var pictures: [Picture]
    var queries: [Query]
  }

  private struct Sentences: TextNetwork {
    let encoder: TextEncoder
    var identity: String { encoder.identity }
    var pictures: String? { encoder.pictures }

    func vectors(of texts: [String]) throws(Fault) -> [TextVector] {
      try encoder.encode(texts).map { TextVector(numbers: $0.vector, isCut: $0.isCut, unknown: $0.unknown) }
    }
  }

  private func sentences() throws -> Sentences {
    let folder = TemporaryFolder()
    for (file, name) in [("all-MiniLM-L6-v2-int8.onnx", "model.onnx"), ("all-MiniLM-L6-v2_vocab.txt", "vocab.txt")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file(name), withDestinationPath: AnalyserData.path(file))
    }
    let manifest = try Manifest.read(
      bytes: Array(
        """
        {name: sentences, summary: s, license: MIT, task: tensor, output: {decoder: raw},
         files: [{path: model.onnx}, {path: vocab.txt}], text: {vocabulary: vocab.txt}}
        """.utf8))
    let model = try Model(manifest, folder: folder.path, store: folder.file("store"))
    return Sentences(encoder: try TextEncoder(model, on: try Engine(cacheFolder: nil)))
  }

  @Test("Rankings of 200 pictures for 30 searches are those of conse.py")
  func rankings() throws {
    let data = try Data(contentsOf: URL(filePath: Checkout.path + "/Tests/Fixtures/words/conse.json"))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    let names = try String(
      contentsOfFile: Checkout.path + "/models/efficientnet-lite0-concepts/labels.txt", encoding: .utf8
    )
    .split(separator: "\n").map(String.init)
    let fixture = try VectorFixture(.embedded, seed: 1)
    var places: [ULID: Int] = [:]
    for (place, picture) in golden.pictures.enumerated() {
      var row = [Float](repeating: 0, count: names.count)
      for (label, share) in picture.labels { row[try #require(Int(label))] = share }
      let asset = try fixture.search.addAsset()
      places[asset.id] = place
      try fixture.analyse(asset, [row], areProbabilities: true)
    }
    try fixture.settle()
    let (texts, ask) = (try sentences(), fixture.ask(limit: 25))
    var (same, worst) = (0, 0.0)
    for query in golden.queries {
      let example = try fixture.desk.example(words: query.words, by: texts, ask) { _ in names }
      let found = try fixture.desk.similar(to: example, ask).found
      let order = found.map { places[$0.asset]! }
      same += order == query.found ? 1 : 0
      for (rank, one) in found.enumerated() {
        worst = max(worst, abs(one.likeness - query.similarity[rank]))
        // Another order is right where conse.py's own numbers are as good as equal.
        guard order[rank] != query.found[rank], let theirs = query.found.firstIndex(of: order[rank]) else {
          #expect(order[rank] == query.found[rank] || rank == 24, "\(query.words), \(rank)")
          continue
        }
        #expect(abs(query.similarity[theirs] - query.similarity[rank]) < 2e-6, "\(query.words), \(rank)")
      }
    }
    print("words: \(same) of \(golden.queries.count) rankings are the same, similarities at most \(worst) apart")
    #expect(golden.queries.count == 30 && same >= 27 && worst < 1e-5)
  }
}
