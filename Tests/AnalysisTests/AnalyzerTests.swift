import Analysis
import Base
import Foundation
import Inference
import Loading
import Media
import ModelHub
import Predictions
import Reports
import TestKit
import Testing
import Vision

@testable import Execution

/// The starter model over a clip drawn by ffmpeg: small, real, and in every checkout.
struct AnalyzerTests {
  let folder = TemporaryFolder()

  private func clip(seconds: Int = 2) throws -> String {
    let path = folder.file("clip.mp4")
    let made = shell([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", "\(seconds)", "-c:v",
      "libx264",
      "-g", "10", "-bf", "2", "-pix_fmt", "yuv420p", path,
    ])
    try #require(made.status == 0, "\(made.errors)")
    return path
  }

  private func model(streams: Int = 2, batch: Int = 1, threshold: Float = 0.02) throws -> LoadedModel {
    var manifest = try Manifest.read(Program.models + "/line-inspector")
    manifest.recipe.output.threshold = threshold
    let model = try Model(manifest, folder: Program.models + "/line-inspector", store: folder.path)
    var options = LoadOptions()
    (options.streams, options.batch) = (streams, batch)
    return try LoadedModel(model, options: options, on: try Engine(cacheFolder: nil))
  }

  private struct Found {
    var stamps: [FrameStamp] = []
    var predictions: [[Prediction]] = []
    var summary: FileSummary
  }

  private func run(_ path: String, _ model: LoadedModel, _ sampling: Sampling = .all, stopAfter: Int = .max) throws
    -> Found
  {
    let analyzer = try Analyzer(path, model: model, sampling: sampling)
    var found = Found(summary: FileSummary(file: "", path: ""))
    found.summary = try analyzer.run(isStopped: { found.stamps.count >= stopAfter }) { _, stamp, predictions in
      found.stamps.append(stamp)
      found.predictions.append(predictions)
    }
    return found
  }

  @Test("Every frame is handed on once, in order of presentation, with its exact time")
  func order() throws {
    let found = try run(try clip(), try model())
    #expect(found.stamps.map(\.index) == Array(0..<50))
    #expect(zip(found.stamps, found.stamps.dropFirst()).allSatisfy { $0.pts! < $1.pts! })
    #expect(found.summary.framesAnalyzed == 50)
    #expect(found.predictions.contains { !$0.isEmpty }, "a low threshold finds something in anything")
  }

  @Test("A file that was opened early is analysed once from there, and its faults come where they always come")
  func prefetched() throws {
    let (path, loaded) = (try clip(), LoadedPipeline(try model(), sampling: .every(seconds: 0.2)))
    let prefetched = PrefetchedReader(path, .every(seconds: 0.2))
    for prefetched in [
      nil, prefetched, prefetched, PrefetchedReader(path, .all), PrefetchedReader("another", .every(seconds: 0.2)),
    ] {
      var indices: [Int] = []
      let summary = try Analyzer(path, pipeline: loaded, prefetched: prefetched).run { _, stamp, _ in
        indices.append(stamp.index)
      }
      #expect(indices == Array(stride(from: 0, to: 50, by: 5)))
      #expect(summary.framesAnalyzed == 10)
    }
    // These are not waited for.
    for _ in 0..<50 { _ = PrefetchedReader(path, .all) }
    let missing = folder.file("missing.mp4")
    let faults = [nil, PrefetchedReader(missing, .every(seconds: 0.2))].map { prefetched in
      #expect(throws: Fault.self) { _ = try Analyzer(missing, pipeline: loaded, prefetched: prefetched) }
    }
    #expect(faults[0] == faults[1] && faults[0] != nil)
  }

  /// Takes nothing in.
  private final class Refusing: InferenceTarget {
    let (batch, streams) = (1, 1)
    func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
      throw AdmissionRefusal(retryAfter: 1, fault: Fault(.unavailable, "the engine is gone"))
    }
    func cancel(_ request: InferenceRequest) {}
  }

  @Test("A run tells whether it was a network that ended it, or who takes the answers", arguments: [true, false])
  func whoseFault(isNetwork: Bool) throws {
    let (path, model) = (try clip(seconds: 1), try model())
    let broken = LoadedModel(
      name: model.name, digest: model.digest, recipe: model.recipe, input: model.input, head: model.head,
      precision: model.precision, engine: model.engine, device: model.device, target: Refusing())
    let pipeline = LoadedPipeline(isNetwork ? broken : model, sampling: .all)
    let (full, index) = (Fault(.exhausted, "no space is left"), try FrameIndex(path))
    let whole = try Analyzer(path, pipeline: pipeline)
    #expect(throws: Fault.self) { _ = try whole.run { (_, _, _) throws(Fault) in throw full } }
    let part = try ChunkAnalyzer(path, index: index, frames: 0..<index.count, source: "a", pipeline: pipeline) {
      (_) throws(Fault) in throw full
    }
    #expect(throws: Fault.self) { _ = try part.run() }
    #expect(whole.isNetworkAtFault == isNetwork && part.isNetworkAtFault == isNetwork)
  }

  @Test("The answer does not depend on streams or batch", arguments: [(1, 1), (3, 1), (2, 3), (1, 7)])
  func sameAnswer(streams: Int, batch: Int) throws {
    let path = try clip()
    let expected = try run(path, try model())
    let found = try run(path, try model(streams: streams, batch: batch))
    try #require(found.predictions.count == expected.predictions.count)
    for (a, b) in zip(found.predictions, expected.predictions) {
      try #require(a.count == b.count)
      for (x, y) in zip(a, b) {
        #expect(x.label == y.label)
        #expect(abs(x.score! - y.score!) < 1e-4)
        #expect(x.box!.iou(y.box!) > 0.999)
      }
    }
  }

  @Test("Sampling by time and by key frames looks at those frames, with the same answer as looking at all")
  func sampled() throws {
    let path = try clip()
    let model = try model()
    let all = try run(path, model)
    let fifth = try run(path, model, .every(seconds: 0.2))
    #expect(fifth.stamps.map(\.index) == stride(from: 0, to: 50, by: 5).map { $0 })
    for (stamp, predictions) in zip(fifth.stamps, fifth.predictions) {
      #expect(predictions == all.predictions[stamp.index])
    }
    let keys = try run(path, model, .keyFrames)
    #expect(keys.stamps.map(\.time) == [0, 0.4, 0.8, 1.2, 1.6])
    for (stamp, predictions) in zip(keys.stamps, keys.predictions) {
      let same = try #require(all.stamps.firstIndex { $0.pts == stamp.pts })
      #expect(predictions == all.predictions[same])
    }
  }

  @Test("A stop finishes what is in flight, and the summary says so")
  func stopped() throws {
    let found = try run(try clip(), try model(), stopAfter: 10)
    #expect(found.summary.interrupted)
    #expect(found.stamps.map(\.index) == Array(0..<found.stamps.count))
    #expect((10..<50).contains(found.stamps.count))
  }

  @Test("Of many broken frames the first are told one by one, and the others are a number")
  func broken() throws {
    let path = try clip(seconds: 4)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    for place in stride(from: bytes.count / 5, to: bytes.count * 4 / 5, by: 400) {
      bytes.replaceSubrange(place..<place + 40, with: Array(repeating: 0xA5, count: 40))
    }
    try Data(bytes).write(to: URL(filePath: path))
    let corrupt = try run(path, try model()).summary.corrupt
    #expect(corrupt.count > 10)
    #expect(corrupt.examples.count == Reports.CorruptFrames.limit)
    #expect(!corrupt.examples.contains { $0.reason.contains("further") })
  }

  @Test("A fault while frames are handed on ends the run with that fault and leaves the model usable")
  func faultInside() throws {
    let path = try clip()
    let model = try model()
    let analyzer = try Analyzer(path, model: model, sampling: .all)
    let fault = #expect(throws: Fault.self) {
      _ = try analyzer.run { (_, stamp, _) throws(Fault) in
        if stamp.index == 5 { throw Fault(.exhausted, "no more room") }
      }
    }
    #expect(fault?.kind == .exhausted)
    #expect(try run(path, model).stamps.count == 50)
  }

  @Test("The report folder holds every prediction, a page with pictures, and a summary that comes last")
  func report() throws {
    let model = try model()
    let header = RunHeader(modelName: model.name, modelDigest: model.digest, task: .detection)
    let analyzer = try Analyzer(try clip(), model: model, sampling: .all)
    let report = try ReportWriter(folder.file("out"), header: header, drawing: analyzer.info)
    var count = 0
    let summary = try analyzer.run { (frame, stamp, predictions) throws(Fault) in
      count += predictions.count
      try report.add(frame!, stamp, predictions)
      #expect(FileSystem.kind(of: folder.file("out/summary.json")) == nil)
    }
    _ = try report.finish(summary)
    let lines = try String(contentsOfFile: folder.file("out/predictions.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == count)
    #expect(count > 0)
    let page = try String(contentsOfFile: folder.file("out/report.html"), encoding: .utf8)
    #expect(page.contains("data:image/jpeg;base64,"))
    let video = shell([
      "ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,width,height", "-of",
      "csv=p=0",
      folder.file("out/annotated.mp4"),
    ])
    #expect(video.output.hasPrefix("320,180,50"))
  }
}
