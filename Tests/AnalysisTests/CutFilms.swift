import Base
import Execution
import Foundation
import Inference
import Loading
import ModelHub
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

/// Pipelines of the model that is in every checkout, loaded once each.
enum Lines {
  private static let folder = TemporaryFolder()
  private static let loaded = Monitor([String: LoadedPipeline]())

  static func load(_ text: String) throws -> LoadedPipeline {
    if let there = loaded.update({ $0[text] }) { return there }
    let pipeline = try PipelineFile.read(bytes: Array(text.utf8), name: "p.yaml").pipeline
    let models = try pipeline.infer.map { step in
      if step.model.hasPrefix("window-") { return try window(step.model) }
      var manifest = try Manifest.read(Program.models + "/line-inspector")
      if let threshold = step.threshold { manifest.recipe.output.threshold = threshold }
      return try Model(manifest, folder: Program.models + "/line-inspector", store: folder.path)
    }
    var options = LoadOptions()
    (options.streams, options.batch) = (2, 1)
    let made = try LoadedPipeline(pipeline, models: models, on: try Engine(cacheFolder: nil)) { _ in options }
    loaded.update { $0[text] = made }
    return made
  }
}

extension Lines {
  /// Networks of windows: of so many frames.
  static func window(_ name: String) throws -> Model {
    let windows = [
      "window-16": FrameWindow(length: 16, step: 8, keep: 4..<12),
      "window-3": FrameWindow(length: 3, step: 3, keep: 0..<3),
      "window-100": FrameWindow(length: 100, step: 50, keep: 25..<75),
    ]
    let window = try #require(windows[name] ?? nil)
    let path = folder.file(name)
    try WindowNetwork.write(to: path, frames: window.length)
    var recipe = Recipe(task: .score, output: OutputRecipe(decoder: .number))
    recipe.input.window = window
    return try Model(
      network: path + ".xml", files: try Model.files(ofNetwork: path + ".xml"), recipe: recipe, precision: .f32)
  }
}

/// Parts on a belt, in films of every kind that matters for where they can be cut.
enum CutFilms {
  private static let x264 = ["-c:v", "libx264", "-g", "20", "-bf", "3", "-threads", "1"]
  private static let recipes: [String: [String]] = [
    "open.mp4": x264 + ["-x264-params", "open-gop=1"],
    "closed.mkv": x264,
    "hevc.mp4": ["-c:v", "libx265", "-x265-params", "log-level=0:keyint=20:bframes=3:open-gop=1"],
    "vp9.webm": ["-c:v", "libvpx-vp9", "-g", "20", "-cpu-used", "8", "-deadline", "realtime"],
    "mpeg2.ts": ["-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-q:v", "3"],
    "vfr.mp4": ["-vf", "select='gt(mod(n\\,7)\\,2)+not(mod(n\\,11))'", "-fps_mode", "vfr"] + x264,
    "minutes.mp4": ["-vf", "setpts=40*PTS", "-fps_mode", "passthrough"] + x264 + ["-x264-params", "open-gop=1"],
    "minutes.ts": ["-vf", "setpts=25*PTS", "-fps_mode", "passthrough", "-c:v", "mpeg2video", "-g", "12", "-bf", "2"],
    "small.ts": ["-vf", "scale=320:-2", "-output_ts_offset", "9"] + x264,
    "large.ts": x264,
  ]
  private static let derived: [String: (film: String, words: [String])] = [
    "edit.mp4": ("open.mp4", ["-ss", "1.3", "-i", "", "-c", "copy"]),
    "turned.mp4": ("open.mp4", ["-i", "", "-c", "copy", "-metadata:s:v:0", "rotate=90"]),
  ]
  private static let pieces: [String: @Sendable () throws -> [UInt8]] = [
    "broken.ts": {
      var bytes = try FileSystem.read(path("large.ts"))
      for place in bytes.count / 2..<bytes.count / 2 + 2000 { bytes[place] = UInt8(place * 7 % 251) }
      return bytes
    },
    "resized.ts": { try FileSystem.read(path("large.ts")) + FileSystem.read(path("small.ts")) },
    "cut-short.mkv": { Array(try FileSystem.read(path("closed.mkv")).dropLast(20_000)) },
  ]

  static var names: [String] {
    (Array(recipes.keys) + Array(derived.keys) + Array(pieces.keys)).filter { !["small.ts", "large.ts"].contains($0) }
      .sorted()
  }

  /// Damaged, or put together of two.
  static let doubtful: Set = ["broken.ts", "resized.ts", "cut-short.mkv"]

  private static let folder = TemporaryFolder()
  private static let made = Monitor([String: String]())

  private static func drawn() throws -> String {
    let path = folder.file("crossing.mp4")
    guard !FileManager.default.fileExists(atPath: path) else { return path }
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    let drawn = shell([
      "/usr/bin/python3", tests + "/Fixtures/crossing.py", folder.file("new.mp4"), folder.file("truth.json"),
    ])
    try #require(drawn.status == 0, "python3 with numpy, and ffmpeg, draw the clip: \(drawn.errors)")
    try FileManager.default.moveItem(atPath: folder.file("new.mp4"), toPath: path)
    return path
  }

  /// Films are made one at a time, since several tests ask for them at once.
  private static let making = NSRecursiveLock()

  /// The path of a film, rendered when it is first asked for.
  static func path(_ name: String) throws -> String { try making.withLock { try rendered(name) } }

  private static func rendered(_ name: String) throws -> String {
    if let there = made.update({ $0[name] }) { return there }
    let path = folder.file(name)
    if let make = pieces[name] {
      try Data(make()).write(to: URL(filePath: path))
    } else {
      var words = ["-v", "error", "-y"]
      if let (film, others) = derived[name] {
        words += try others.map { $0.isEmpty ? try CutFilms.path(film) : $0 }
      } else {
        words += ["-i", try drawn()] + recipes[name]! + ["-pix_fmt", "yuv420p", "-an"]
      }
      let ran = shell(["ffmpeg"] + words + [path])
      try #require(ran.status == 0, "\(ran.errors)")
    }
    made.update { $0[name] = path }
    return path
  }
}
