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
import TestKit
import Testing
import Vision

/// TransNet V2 answers here what it answers in its own package's way.
@Suite(
  .serialized, .ownThread,
  .enabled(if: TestData.hasAnalysers && TestData.isThere, Comment(rawValue: TestData.whyNoAnalysers)))
struct TransNetTests {
  private static let clips = [
    "testvideo.mp4": "Breakthrough+PySceneDetect/tests/resources/testvideo.mp4",
    "fades.mp4": "Breakthrough+PySceneDetect/tests/resources/fades.mp4",
    "BigBuckBunnyTrailer.mp4": "terryky+tflite_gles_app/misc/gl2videocube/BigBuckBunnyTrailer.mp4",
  ]

  private struct Golden: Decodable {
    let single: [Float]
    let many: [Float]
    let scenes: [[Int]]

    enum CodingKeys: String, CodingKey {
      case single, many
      case scenes = "scenes_thr_0.5"
    }
  }

  private static let folder = TemporaryFolder()

  private static let loaded = Result { () throws -> LoadedModel in
    let place = folder.file("transnetv2")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for name in ["transnetv2.xml", "transnetv2.bin"] {
      try FileManager.default.createSymbolicLink(
        atPath: place + "/" + name, withDestinationPath: TestData.analysers! + "/" + name)
    }
    let manifest = """
      name: transnetv2
      summary: Shot boundaries.
      license: MIT
      task: shot-boundary
      files: [{path: transnetv2.xml}, {path: transnetv2.bin}]
      input: {window: 100, step: 50, keep: 25..74, pad: edge}
      output: {decoder: boundary, scores: single_frame, many: many_hot}
      """
    try Data(manifest.utf8).write(to: URL(filePath: place + "/model.yaml"))
    var options = LoadOptions()
    (options.streams, options.isWarmed) = (2, false)
    return try LoadedModel(
      try Model(try Manifest.read(place), folder: place, store: folder.path), options: options,
      on: try Engine(cacheFolder: nil))
  }

  /// As the package makes scenes of probabilities.
  private func scenes(_ single: [Float]) -> [[Int]] {
    var (found, start, before) = ([[Int]](), 0, false)
    for (frame, value) in single.enumerated() {
      let isOn = value > 0.5
      if before, !isOn { start = frame }
      if !before, isOn, frame != 0 { found.append([start, frame]) }
      before = isOn
    }
    if !before { found.append([start, single.count - 1]) }
    return found
  }

  private func golden(_ name: String) throws -> Golden {
    let bytes = try Data(contentsOf: URL(filePath: TestData.analysers! + "/golden/transnetv2_\(name).json"))
    return try JSONDecoder().decode(Golden.self, from: bytes)
  }

  /// Both numbers of each frame.
  private func answers(_ path: String) throws -> (single: [Float], many: [Float]) {
    var (single, many) = ([Float](), [Float]())
    let loaded = LoadedPipeline(try Self.loaded.get(), sampling: .all)
    _ = try Analyzer(path, pipeline: loaded, keepsPictures: false).run { _, stamp, predictions in
      #expect(stamp.index == single.count && predictions.count == 1 && predictions.first?.kind == .shotBoundary)
      single.append(predictions.first?.score ?? .nan)
      many += predictions.first?.vector ?? []
    }
    return (single, many)
  }

  private func apart(_ found: (single: [Float], many: [Float]), _ golden: Golden) throws -> [Float] {
    try #require(found.single.count == golden.single.count && found.many.count == golden.many.count)
    return zip(found.single + found.many, golden.single + golden.many).map { abs($0 - $1) }
  }

  @Test(
    "Cuts of real clips that the package is sure of are found within a frame, and no others",
    arguments: clips.keys.sorted())
  func cuts(name: String) throws {
    let golden = try golden(name)
    let found = try answers(TestData.path(Self.clips[name]!))
    let apart = try apart(found, golden)
    // Pictures are scaled, and colours made of them, in another way here: the largest difference of a score is 0.32.
    #expect(apart.max()! < 0.35 && apart.reduce(0, +) / Float(apart.count) < 0.02)
    func peaks(_ scores: [Float], above least: Float) -> [Int] {
      scores.indices.filter { frame in
        let near = scores[max(0, frame - 1)...min(scores.count - 1, frame + 1)]
        return scores[frame] > least && scores[frame] == near.max()
      }
    }
    for (sure, others) in [(golden.single, found.single), (found.single, golden.single)] {
      for frame in peaks(sure, above: 0.7) {
        #expect(others[max(0, frame - 1)...min(others.count - 1, frame + 1)].max()! > 0.5, "a cut at \(frame)")
      }
    }
  }

  @Test("Scores of pixels that are scaled as the package does are its scores", arguments: clips.keys.sorted())
  func same(name: String) throws {
    let path = Self.folder.file(name + ".mkv")
    let made = shell([
      "ffmpeg", "-v", "error", "-y", "-i", TestData.path(Self.clips[name]!), "-map", "0:v", "-fps_mode", "passthrough",
      "-vf", "scale=48:27:flags=bicubic,format=rgb24", "-pix_fmt", "gbrp", "-c:v", "ffv1", path,
    ])
    try #require(made.status == 0, "\(made.errors)")
    let (found, golden) = (try answers(path), try golden(name))
    #expect(scenes(found.single) == golden.scenes)
    // The golden scores come from another version of the scaler, whose rounding is not the same for large pictures.
    #expect(try apart(found, golden).max()! < (name == "testvideo.mp4" ? 0.01 : 1e-3))
  }
}
