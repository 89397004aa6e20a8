import Base
import Catalog
import Items
import Library
import LibraryKit
import Predictions
import TestKit

@testable import Search

/// A library whose films have made embeddings, one frame a second.
final class VectorFixture {
  struct Frame: Hashable {
    let asset: ULID
    let client: String
    let series: String
    let second: Int
    let numbers: [Float]
    let label: String?
  }

  static let network = "net@sha256:1"
  static let length = 24

  let search: SearchFixture
  var library: Library { search.library }
  var desk: VectorDesk { VectorDesk(library) }
  private(set) var frames: [Frame] = []
  private var random: SeededRandom

  init(_ parts: Parts, seed: UInt64) throws {
    search = try SearchFixture(parts, seed: seed)
    random = SeededRandom(seed &+ 77)
  }

  func numbers() -> [Float] { (0..<Self.length).map { _ in Float.random(in: -1...1, using: &random) } }

  /// As they are kept: to six decimals, whatever is done with them later.
  @discardableResult
  func analyse(
    _ asset: Asset, series: String = "p", network: String = network, _ vectors: [[Float]], labels: [String?] = [],
    areProbabilities: Bool = false
  ) throws -> [Frame] {
    let digest =
      "sha256:" + String(repeating: "0", count: 50) + String(search.number(1_000_000...9_999_999)) + "0000000"
    let head = AnalysisWriter.Head(
      pipeline: digest, series: series, models: [], worker: "here", engine: "none", version: "0")
    var writer = try AnalysisWriter(library, asset, head)
    for (second, vector) in vectors.enumerated() {
      var embedding = Prediction(kind: .embedding)
      embedding.vector = vector
      if areProbabilities { embedding.label = "the best" }
      var predictions = [embedding]
      if second < labels.count, let label = labels[second] {
        predictions.append(Prediction(kind: .classification, label: label, score: 0.5))
      }
      try writer.add(FrameStamp(file: asset.name, index: second, time: Double(second)), predictions) {
        $0.kind == .embedding ? network : "labels@sha256:2"
      }
    }
    let made = try writer.finish(framesAnalyzed: vectors.count, corruptFrames: 0, frameIndex: nil)
    try library.publish(made, replaces: true)
    frames.removeAll { $0.asset == asset.id && $0.series == series }
    let new = vectors.enumerated().map { second, vector in
      Frame(
        asset: asset.id, client: asset.group.client, series: series, second: second, numbers: vector,
        label: second < labels.count ? labels[second] : nil)
    }
    frames += new
    return new
  }

  func settle() throws { try search.desk.settle(within: 60) }

  func ask(_ client: String = "acme", limit: Int = 20) -> VectorDesk.Ask {
    var ask = VectorDesk.Ask(client: client, scope: .all)
    (ask.limit, ask.gap) = (limit, 0)
    return ask
  }

  /// What a look at all frames with 64 bits has, the most alike first.
  func scan(_ query: [Float], _ client: String = "acme", limit: Int = 20, where isIn: (Frame) -> Bool = { _ in true })
    -> [String]
  {
    let found = frames.filter { $0.client == client && isIn($0) }.map { ($0, Self.cosine($0.numbers, query)) }
    let sorted = found.sorted { one, other in
      one.1 != other.1
        ? one.1 > other.1 : (one.0.asset, one.0.series, one.0.second) < (other.0.asset, other.0.series, other.0.second)
    }
    return sorted.prefix(limit).map { "\($0.0.asset) \($0.0.series) \($0.0.second)" }
  }

  static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    let product = { (a: [Float], b: [Float]) in zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }
}

extension SimilarAnswer {
  var words: [String] { found.map { "\($0.asset) \($0.series) \(Int($0.time))" } }
}

extension VectorHeads {
  /// Those that can be read.
  func all() throws(Fault) -> [MomentHead] {
    var gaps: [AnswerGap] = []
    return try all(&gaps)
  }
}
