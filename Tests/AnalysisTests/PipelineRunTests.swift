import Analysis
import Base
import Execution
import Foundation
import Inference
import Loading
import Media
import ModelHub
import Pipelines
import Predictions
import Reports
import TestKit
import Testing
import Vision

/// Whole pipelines over real files, with the model that is in every checkout.
struct PipelineRunTests {
  let folder = TemporaryFolder()

  private struct Found {
    var stamps: [FrameStamp] = []
    var predictions: [[Prediction]] = []
    var summary = FileSummary(file: "", path: "")

    func count(_ kind: String, _ name: String) -> Int? {
      summary.steps.first { $0.kind == kind }?.counts.first { $0.name == name }?.value
    }
  }

  private func load(_ text: String, streams: Int = 2, batch: Int = 1) throws -> LoadedPipeline {
    let pipeline = try PipelineFile.read(bytes: Array(text.utf8), name: "p.yaml").pipeline
    let models = try pipeline.infer.map { step in
      var manifest = try Manifest.read(Program.models + "/line-inspector")
      if let threshold = step.threshold { manifest.recipe.output.threshold = threshold }
      return try Model(manifest, folder: Program.models + "/line-inspector", store: folder.path)
    }
    var options = LoadOptions()
    (options.streams, options.batch) = (streams, batch)
    return try LoadedPipeline(pipeline, models: models, on: try Engine(cacheFolder: nil)) { _ in options }
  }

  private func run(_ path: String, _ loaded: LoadedPipeline, stopAfter: Int = .max) throws -> Found {
    let analyzer = try Analyzer(path, pipeline: loaded)
    var found = Found()
    found.summary = try analyzer.run(isStopped: { found.stamps.count >= stopAfter }) { _, stamp, predictions in
      found.stamps.append(stamp)
      found.predictions.append(predictions)
    }
    return found
  }

  private func ffmpeg(_ name: String, _ words: [String]) throws -> String {
    let path = folder.file(name)
    let made = shell(["ffmpeg", "-v", "error", "-y"] + words + ["-pix_fmt", "yuv420p", path])
    try #require(made.status == 0, "\(made.errors)")
    return path
  }

  private func clip() throws -> String {
    try ffmpeg(
      "clip.mp4", ["-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", "2", "-c:v", "libx264", "-bf", "2"])
  }

  /// Drawn once for all tests.
  private static let drawing: (video: String, truth: String, keeper: TemporaryFolder)? = {
    let folder = TemporaryFolder()
    let (video, truth) = (folder.file("crossing.mp4"), folder.file("truth.json"))
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    let drawn = shell(["/usr/bin/python3", tests + "/Fixtures/crossing.py", video, truth])
    return drawn.status == 0 ? (video, truth, folder) : nil
  }()

  @Test("Two parts that cross behind a cover, each unseen for more than a second, keep their numbers from end to end")
  func crossing() throws {
    let (video, truth, _) = try #require(Self.drawing, "python3 with numpy, and ffmpeg, draw the clip")
    struct Truth: Decodable {
      struct Sight: Decodable { var box: [Double], visible: Double }
      var parts: [[Sight]]
    }
    let parts = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(filePath: truth))).parts
    let found = try run(video, try load("infer: {model: line-inspector, threshold: 0.3}\ntrack: {high: 0.5, new: 0.6}"))
    var tracks: [Set<Int>] = [[], []]
    var frames: [[Int]] = [[], []]
    for (stamp, predictions) in zip(found.stamps, found.predictions) {
      for prediction in predictions {
        let overlaps = parts.map { part -> Double in
          let box = part[stamp.index].box
          return prediction.box!.iou(Rect(x: box[0], y: box[1], width: box[2], height: box[3]))
        }
        let part = overlaps[0] > overlaps[1] ? 0 : 1
        tracks[part].insert(try #require(prediction.track))
        frames[part].append(stamp.index)
      }
    }
    #expect(tracks.allSatisfy { $0.count == 1 }, "\(tracks)")
    #expect(tracks[0] != tracks[1])
    #expect(found.count("track", "tracks") == 2)
    for part in frames {
      #expect(part.count > 60)
      #expect(zip(part, part.dropFirst()).contains { $1 - $0 > 25 }, "hidden for a second")
    }
  }

  @Test(
    "A second network on crops: its answers stand behind their parents, in the picture's coordinates, however batched")
  func crops() throws {
    let path = try #require(Self.drawing, "python3 with numpy, and ffmpeg, draw the clip").video
    let text = """
      sample: {every: 200ms}
      infer:
        - {name: whole, model: line-inspector, threshold: 0.3}
        - {name: part, model: line-inspector, threshold: 0.3, on: whole, margin: 100%}
        - {name: again, model: line-inspector, threshold: 0.3}
        - {name: deep, model: line-inspector, threshold: 0.1, on: part, margin: 50%}
      """
    let found = try run(path, try load(text))
    #expect(found.stamps.map(\.index) == stride(from: 0, to: 140, by: 5).map { $0 })
    var (children, parents, same) = (0, 0, 0)
    for answers in found.predictions {
      #expect(answers.map(\.step) == answers.map(\.step).sorted())
      #expect(answers.filter { $0.step == 2 }.map(\.box) == answers.filter { $0.step == 0 }.map(\.box))
      for (index, answer) in answers.enumerated() where answer.step == 0 {
        parents += 1
        if answers.contains(where: { $0.parent == index && $0.box!.iou(answer.box!) > 0.6 }) { same += 1 }
      }
      for answer in answers {
        guard let parent = answer.parent else { continue }
        children += 1
        #expect(answers[parent].step == (answer.step == 1 ? 0 : 1))
        let margin = answer.step == 1 ? 1 : 0.5
        let box = answers[parent].box!
        let around = Rect(
          left: box.x - margin * box.width, top: box.y - margin * box.height, right: box.right + margin * box.width,
          bottom: box.bottom + margin * box.height)
        #expect(around.iou(answer.box!) > 0, "what is found on a crop lies on it")
      }
    }
    #expect(children > 40)
    #expect(Double(same) > 0.75 * Double(parents), "\(same) of \(parents) parts, seen closer, stand where they stood")
    let other = try run(path, try load(text, streams: 1, batch: 3))
    for (a, b) in zip(found.predictions, other.predictions) {
      #expect(a.map(\.parent) == b.map(\.parent))
      #expect(zip(a, b).allSatisfy { abs($0.score! - $1.score!) < 1e-4 && $0.label == $1.label })
    }
  }

  @Test("The gate lets still stretches go, keeps what moves and a little before it, and counts")
  func gate() throws {
    let still = "color=c=gray:s=320x180:r=25:d=12"
    let square = "color=c=white:s=60x60:r=25:d=10"
    let path = try ffmpeg(
      "gate.mp4",
      [
        "-f", "lavfi", "-i", still, "-f", "lavfi", "-i", square, "-filter_complex",
        "[0][1]overlay=x='100*(t-5)':y=60:enable='between(t,5,7)'", "-c:v", "libx264",
      ])
    let found = try run(path, try load("gate: {hold: 1s, lead: 400ms}\ninfer: line-inspector"))
    let frames = found.stamps.map(\.index)
    #expect(frames.prefix(26) == ArraySlice(0...25), "the first frame and the hold after it")
    // Movement begins with frame 125; ten frames before it pass too.
    #expect(frames.dropFirst(26).first == 115)
    #expect(Set(115...200).isSubset(of: Set(frames)))
    // Gone with frame 176; its shadow in the background fades within some two seconds, and then the hold is over.
    #expect(frames.last! < 265)
    #expect(found.summary.framesDecoded == 300)
    #expect(found.count("gate", "frames") == frames.count)
    #expect(found.count("gate", "passed_over") == 300 - frames.count)
    #expect(found.summary.framesAnalyzed == frames.count)
  }

  @Test("The last frame is told with what ends there, once; a stop ends what is open too")
  func ends() throws {
    let text =
      "infer: {model: line-inspector, threshold: 0.02}\ntrack: {high: 0.03, low: 0.02, new: 0.03, confirm: 1}\nemit: {when: end}"
    let path = try clip()
    for stop in [Int.max, 20] {
      let found = try run(path, try load(text), stopAfter: stop)
      #expect(found.stamps.map(\.index) == Array(0..<found.stamps.count))
      let ended = found.predictions.flatMap { $0 }
      #expect(ended.count == found.count("track", "tracks"))
      #expect(Set(ended.map(\.track)).count == ended.count)
      #expect(ended.allSatisfy { $0.span != nil })
      #expect(found.predictions.last?.isEmpty == false)
    }
  }

  @Test("A plain model is a pipeline with a digest, the same as the pipeline file that says so")
  func plain() throws {
    let text = "sample: {every: 200ms}\ninfer: line-inspector"
    let loaded = try load(text)
    let plain = LoadedPipeline(loaded.models[0], sampling: .every(seconds: 0.2))
    #expect(plain.digest == loaded.digest)
    #expect(plain.digest.hasPrefix("sha256:"))
    #expect(LoadedPipeline(loaded.models[0], sampling: .all).digest != plain.digest)
    let path = try clip()
    #expect(try run(path, plain).predictions == run(path, loaded).predictions)
    #expect(try run(path, plain).summary.steps.isEmpty)
    #expect(try run(path, loaded).count("sample", "frames") == 10)
  }

  @Test("A fault while frames are handed on ends a run with crops in flight and leaves the models usable")
  func faultInside() throws {
    let path = try clip()
    let loaded = try load(
      "infer: [{name: a, model: line-inspector, threshold: 0.02}, {name: b, model: line-inspector, threshold: 0.02, on: a}]"
    )
    for _ in 0..<3 {
      let fault = #expect(throws: Fault.self) {
        _ = try Analyzer(path, pipeline: loaded).run { (_, stamp, _) throws(Fault) in
          if stamp.index == 5 { throw Fault(.exhausted, "no more room") }
        }
      }
      #expect(fault?.kind == .exhausted)
    }
    #expect(try run(path, loaded).stamps.count == 50)
  }
}
