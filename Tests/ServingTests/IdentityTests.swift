import Base
import Foundation
import Inference
import Loading
import ModelHub
import Serving
import TestKit
import Testing

/// What a served version is made of: side files count, and what a manifest says is checked.
struct IdentityTests {
  let folder = TemporaryFolder()

  private func write(_ version: String, _ network: ONNXNetwork, weights: [UInt8]?) throws {
    try FileSystem.makeFolder(folder.file("models/w/\(version)"))
    try network.write(to: folder.file("models/w/\(version)/model.onnx"))
    if let weights { try FileSystem.write(weights, to: folder.file("models/w/\(version)/model.onnx.data")) }
  }

  private func repository() throws -> ModelRepository {
    try FileSystem.makeFolder(folder.file("cache"))
    let options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  private func ask(_ served: ServedVersion, _ values: [Float]) throws -> [Float] {
    let answer = Monitor<Result<[Float], Fault>?>(nil)
    let bytes = SharedBytes(values.withUnsafeBytes { Array($0) })
    try served.submit(
      InferenceRequest([bytes], rows: 1, source: "") { outcome, _ in
        switch outcome {
        case .answered(let outputs): answer.update { $0 = .success(sums(outputs)) }
        case .failed(let fault): answer.update { $0 = .failure(fault) }
        default: answer.update { $0 = .failure(Fault(.bug, "\(outcome)")) }
        }
      })
    return try answer.wait(for: "an answer") { $0 }.get()
  }

  private let network = ONNXNetwork.external("model.onnx.data", offset: "0", length: "8")

  @Test("Two versions with one graph and other weights answer with their own, from the cache too")
  func twoVersions() throws {
    try write("1", network, weights: ONNXNetwork.weights(3, 3))
    try write("2", network, weights: ONNXNetwork.weights(7, 7))
    for _ in 0..<2 {
      let models = try repository()
      let (a, b) = try (models.find("w", version: "1"), models.find("w", version: "2"))
      #expect(try ask(a, [1, 2]) == [3, 6] && ask(b, [1, 2]) == [7, 14])
      #expect(a.digest != b.digest)
      models.drain()
    }
  }

  @Test(
    "Weights that were replaced are seen: a loaded version is not loaded again as itself, a new server has the new ones"
  )
  func replaced() throws {
    try write("1", network, weights: ONNXNetwork.weights(3, 3))
    let models = try repository()
    #expect(try ask(models.find("w"), [1, 2]) == [3, 6])
    try write("1", network, weights: ONNXNetwork.weights(7, 7))
    let told = Monitor<[String]>([])
    for _ in 0..<2 {
      models.refresh { _, _, state in
        if case .unavailable(let fault) = state { told.update { $0.append(fault.message) } }
      }
    }
    let words = told.update { $0 }
    #expect(words.count == 1 && words[0].contains("it is served as it was loaded"), "\(words)")
    let fault = try #require(throws: Fault.self) { try models.load("w") }
    #expect(fault.message.contains("the files changed since it was loaded"))
    #expect(try ask(models.find("w"), [1, 2]) == [3, 6])
    models.drain()
    #expect(try ask(repository().find("w"), [1, 2]) == [7, 14])
    try FileManager.default.removeItem(atPath: folder.file("models/w/1/model.onnx.data"))
    let missing = try #require(throws: Fault.self) { try repository().find("w") }
    #expect(missing.message.contains("model.onnx.data of model.onnx are missing"), "\(missing.message)")
    #expect(!missing.message.contains(folder.path))
  }

  @Test("Weights that come later are found by the next look at the folder")
  func later() throws {
    try write("1", network, weights: nil)
    let models = try repository()
    #expect(throws: Fault.self) { try models.find("w") }
    models.refresh()
    #expect(throws: Fault.self) { try models.find("w") }
    try FileSystem.write(ONNXNetwork.weights(3, 3), to: folder.file("models/w/1/model.onnx.data"))
    models.refresh()
    #expect(try ask(models.find("w"), [1, 2]) == [3, 6])
  }

  @Test("A file that is not the one of its manifest is not served, and poisons no cache")
  func poison() throws {
    try FileSystem.makeFolder(folder.file("models/bytes"))
    try ByteNetwork.write(to: folder.file("models/bytes/model"))
    let network = folder.file("models/bytes/model.xml")
    let right = try FileSystem.read(network)
    let digest = try #require(Model.files(ofNetwork: network)[0].sha256)
    let manifest = """
      {name: bytes, summary: A net., license: MIT, task: score, output: {decoder: number},
      files: [{path: model.xml, sha256: \(digest)}, {path: model.bin}]}
      """
    try FileSystem.write(Array(manifest.utf8), to: folder.file("models/bytes/model.yaml"))
    try FileSystem.write(right + [10], to: network)
    let fault = try #require(throws: Fault.self) { try repository().find("bytes") }
    #expect(fault.message.contains("expected SHA-256 \(digest), it has "), "\(fault.message)")
    try FileSystem.write(right, to: network)
    #expect(try repository().find("bytes").picture != nil)
  }

  @Test(
    "Integers of 64 bits are served, and it is said what becomes of them; one number without dimensions is one answer")
  func types() throws {
    var wide = ONNXNetwork()
    wide.input("x", .int64, [.fixed(2)])
    wide.input("s", .int64, [])
    wide.output("y", .int64, [.fixed(2)])
    wide.node("Add", ["x", "s"], ["y"])
    try write("1", wide, weights: nil)
    let served = try repository().find("w")
    #expect(served.limits.count == 3 && served.limits[0].contains("'y' would be wrong beyond"), "\(served.limits)")
    #expect(try served.rows(of: [[2], []]) == 1)
  }
}
