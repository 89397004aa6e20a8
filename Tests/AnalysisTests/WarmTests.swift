import Base
import Inference
import Loading
import ModelHub
import TestKit
import Testing

@testable import Execution

/// Ready means warm.
struct WarmTests {
  let folder = TemporaryFolder()

  private func load(streams: Int, batch: Int, cache: String? = nil) throws -> LoadedModel {
    let place = Program.models + "/line-inspector"
    let model = try Model(try Manifest.read(place), folder: place, store: folder.path)
    var options = LoadOptions()
    (options.streams, options.batch) = (streams, batch)
    return try LoadedModel(model, options: options, on: try Engine(cacheFolder: cache))
  }

  /// Milliseconds of one inference of `count` pictures at once.
  private func time(_ model: LoadedModel, _ count: Int) throws -> Double {
    let pictures = SharedBytes([UInt8](repeating: 0, count: count * model.input.area * 3))
    let isAnswered = Monitor(false)
    let watch = Stopwatch()
    try model.target.submit(
      InferenceRequest([pictures], rows: count, source: "") { outcome, _ in
        if case .answered = outcome { isAnswered.update { $0 = true } }
      })
    try isAnswered.wait(for: "an answer") { $0 ? () : nil }
    return watch.seconds * 1000
  }

  /// Others may use the machine, which only ever slows: of several starts one must be so.
  @Test("The first answer of a batch size takes no longer than three of its usual answers", arguments: [1, 3, 4])
  func first(count: Int) throws {
    var starts: [(first: Double, median: Double)] = []
    while starts.count < 8, starts.last.map({ $0.first > 3 * $0.median }) ?? true {
      let model = try load(streams: 1, batch: 4)
      let first = try time(model, count)
      starts.append((first, try (0..<9).map { _ in try time(model, count) }.sorted()[4]))
    }
    #expect(starts.contains { $0.first <= 3 * $0.median }, "\(starts)")
  }

  @Test("A second start takes the compiled network from the cache and leaves the cache as it is")
  func secondStart() throws {
    let cache = folder.file("compiled")
    func contents() throws -> [String: [UInt8]] {
      Dictionary(uniqueKeysWithValues: try FileSystem.list(cache).map { ($0, try FileSystem.read(cache + "/" + $0)) })
    }
    _ = try load(streams: 2, batch: 2, cache: cache)
    let kept = try contents()
    #expect(kept.keys.filter { $0.hasSuffix(".blob") }.count == 1, "all streams share one: \(kept.keys)")
    _ = try load(streams: 2, batch: 2, cache: cache)
    #expect(try contents() == kept)
  }
}
