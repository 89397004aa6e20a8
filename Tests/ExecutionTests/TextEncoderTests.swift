import Base
import Execution
import Foundation
import Inference
import ModelHub
import TestKit
import Testing

/// A network of sentences as it answers elsewhere; `Tests/Fixtures/tokens/make_vectors.py` made what is expected.
@Suite(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
struct TextEncoderTests {
  private struct Row: Decodable {
    var text: String
    var vector: [Float]
  }

  private let folder = TemporaryFolder()

  private func model(_ text: String = "{vocabulary: vocab.txt}") throws -> Model {
    for (file, name) in [("all-MiniLM-L6-v2-int8.onnx", "model.onnx"), ("all-MiniLM-L6-v2_vocab.txt", "vocab.txt")] {
      let target = folder.file(name)
      if FileSystem.kind(of: target) == nil {
        try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: AnalyserData.path(file))
      }
    }
    let manifest = try Manifest.read(
      bytes: Array(
        """
        {name: sentences, summary: s, license: MIT, task: tensor, output: {decoder: raw},
         files: [{path: model.onnx}, {path: vocab.txt}], text: \(text)}
        """.utf8))
    return try Model(manifest, folder: folder.path, store: folder.file("store"))
  }

  private func encoder(_ text: String = "{vocabulary: vocab.txt}") throws -> TextEncoder {
    try TextEncoder(try model(text), on: try Engine(cacheFolder: nil))
  }

  private static func golden() throws -> [Row] {
    let data = try Data(contentsOf: URL(filePath: Checkout.path + "/Tests/Fixtures/tokens/vectors.json"))
    return try JSONDecoder().decode([Row].self, from: data)
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    let product = { (a: [Float], b: [Float]) in zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }

  @Test func `texts of any length are answered as the network's own runtime does, in any company`() throws {
    let (golden, encoder) = (try Self.golden(), try encoder())
    let together = try encoder.encode(golden.map(\.text))
    var worst: Float = 0
    for (row, found) in zip(golden, together) {
      #expect(found.vector.count == 384 && found.unknown.isEmpty && !found.isCut)
      worst = max(worst, zip(found.vector, row.vector).map { abs($0 - $1) }.max() ?? 1)
      #expect(try encoder.encode([row.text]) == [found], "alone as among others")
    }
    print("sentences: at most \(worst) apart in 384 numbers of \(golden.count) texts")
    #expect(worst < 2e-4)
    #expect(cosine(together[2].vector, together[3].vector) > 0.6)
    #expect(cosine(together[2].vector, together[4].vector) < 0.2)
  }

  @Test func `many texts from many threads are each answered with their own`() throws {
    let encoder = try encoder()
    let texts = (0..<60).map { "picture number \($0) of a thing" }
    let alone = try encoder.encode(texts)
    #expect(Set(alone.map(\.vector)).count == texts.count)
    let results = Monitor<[Int: [TextEncoder.Encoded]]>([:])
    let threads = (0..<4).map { number in
      NativeThread {
        guard let found = try? encoder.encode(texts.reversed()) else { return }
        results.update { $0[number] = found.reversed() }
      }
    }
    for thread in threads { thread.join() }
    #expect(results.update { $0.count } == 4)
    for found in results.update({ $0.values }) { #expect(found == alone) }
  }

  @Test func `what is longer than the network takes is cut and told`() throws {
    let encoder = try encoder("{vocabulary: vocab.txt, length: 8}")
    let (long, short) = (
      try encoder.encode(["a dog on a beach in the sun at noon"])[0], try encoder.encode(["a dog on a beach in"])[0]
    )
    #expect(long.isCut && !short.isCut && long.vector == short.vector)
  }

  @Test func `a manifest that does not fit its network is refused with what is wrong`() throws {
    func message(_ text: String) -> String {
      do { _ = try encoder(text) } catch { return (error as? Fault)?.message ?? "\(error)" }
      return "it was not refused"
    }
    #expect(
      message("{vocabulary: vocab.txt, ids: tokens}").contains(
        "'input_ids' is none of tokens, attention_mask, token_type_ids"))
    #expect(message("{vocabulary: vocab.txt, output: pooled}").contains("no output 'pooled': it has last_hidden_state"))
    #expect(message("{vocabulary: vocab.txt, pooling: none}").contains("does not fit pooling: none"))
    #expect(message("{vocabulary: model.onnx}").contains("model.onnx"))
    let plain = try Manifest.read(
      bytes: Array(
        "{name: n, summary: s, license: MIT, task: tensor, output: {decoder: raw}, files: [{path: model.onnx}]}".utf8))
    #expect(throws: Fault.self) {
      try TextEncoder(try Model(plain, folder: folder.path, store: ""), on: try Engine(cacheFolder: nil))
    }
  }

  @Test func `vectors of a long list outlive the process, and what is damaged is asked for anew`() throws {
    try FileSystem.makeFolder(folder.file("cache"))
    let engine = try Engine(cacheFolder: folder.file("cache"))
    let texts = (0..<40).map { "label \($0)" }
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.file("cache")).filter { $0.hasSuffix(".texts") }
    }
    let first = try TextEncoder(try model(), on: engine).encode(texts)
    let kept = try #require(try files().first)
    #expect(try files().count == 1)
    #expect(try TextEncoder(try model(), on: engine).encode(texts) == first)
    let path = folder.file("cache/\(kept)")
    let bytes = try FileSystem.read(path, limit: 1 << 20)
    for place in [0, 20, 100, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 1
      try FileSystem.write(damaged, to: path)
      #expect(try TextEncoder(try model(), on: engine).encode(texts) == first, "\(place)")
      #expect(try FileSystem.read(path, limit: 1 << 20) == bytes)
    }
    // A few texts, and those of another network, are not taken for these.
    _ = try TextEncoder(try model(), on: engine).encode(["label 1"])
    #expect(try files().count == 1)
    let other = try TextEncoder(try model("{vocabulary: vocab.txt, pooling: first}"), on: engine).encode(texts)
    #expect(try other != first && files().count == 2)
  }
}
