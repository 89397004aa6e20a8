import Analysis
import Base
import Execution
import Foundation
import Media
import Pipelines
import Predictions
import Reports
import TestKit
import Testing

/// A film that is looked at in parts gives, byte for byte, what it gives in one go.
///
/// Set RIDLEY_CUTTINGS to a number for so many random cuttings of every film with every pipeline.
@Suite(.serialized, .ownThread) struct CuttingTests {
  static let asked = ProcessInfo.processInfo.environment["RIDLEY_CUTTINGS"].flatMap { Int($0) }

  private static let pipelines: [(name: String, text: String)] = [
    ("all, tracks", "infer: {model: line-inspector, threshold: 0.3}\ntrack: {high: 0.5, new: 0.6}"),
    (
      "one in 300 ms, tracks told at their end",
      "sample: {every: 300ms}\ninfer: {model: line-inspector, threshold: 0.2}\ntrack: {high: 0.3, new: 0.3}\nsmooth: {by: track, votes: 1 of 3}\nemit: {when: end}"
    ),
    (
      "4 a second through a gate, crops, changes of labels",
      """
      sample: {fps: 4}
      gate: {motion: 0.5%, hold: 1s, lead: 1s}
      infer:
        - {name: whole, model: line-inspector, threshold: 0.3}
        - {name: part, model: line-inspector, threshold: 0.2, on: whole, margin: 100%}
      smooth: [{of: whole, by: label, votes: 2 of 3}, {of: part, by: label, votes: 1 of 2}]
      emit: {when: change}
      """
    ),
    (
      "key frames, labels",
      "sample: key-frames\ninfer: {model: line-inspector, threshold: 0.05}\nsmooth: {by: label, votes: 1 of 2}"
    ),
    (
      "all through a gate, changes of tracks",
      "gate: {hold: 500ms}\ninfer: {model: line-inspector, threshold: 0.2}\ntrack: {high: 0.3, new: 0.3}\nemit: {when: change}"
    ),
    (
      "zones, lines and rules",
      """
      infer: {model: line-inspector, threshold: 0.2}
      masks: [[[0, 0], [0.1, 0], [0.1, 1], [0, 1]]]
      zones: {left: {polygon: [[0, 0], [0.35, 0], [0.35, 1], [0, 1]], anchor: center}}
      lines: {third: {points: [[0.3, 0], [0.3, 1]], anchor: center}, middle: {points: [[0.5, 0], [0.5, 1]], anchor: center}}
      track: {high: 0.3, new: 0.3}
      rules: {there: {zone: left, dwell: 300ms}, passed: {line: third, hold: 300ms}, any: {votes: 2 of 3, hold: 1s}}
      emit: {when: end}
      """
    ),
  ]

  /// Windows of frames, beside a network that sees each by itself.
  private static let windows: [(name: String, text: String)] = [
    (
      "windows of all frames",
      """
      infer: [{name: w, model: window-16}, {name: lines, model: line-inspector, threshold: 0.3}, {name: long, model: window-100}]
      track: {on: lines, high: 0.5, new: 0.6}
      """
    ),
    (
      "windows of one in 300 ms",
      "sample: {every: 300ms}\ninfer: [{model: window-16}, {model: line-inspector, threshold: 0.2}]"
    ),
    (
      "one network beside that is shown one in 400 ms",
      """
      infer: [{model: window-3}, {name: some, model: line-inspector, threshold: 0.2, every: 400ms}]
      smooth: {of: some, by: label, votes: 2 of 3}
      emit: {when: change}
      """
    ),
    (
      "one in 700 ms of those that are sampled, and crops of what it finds",
      """
      sample: {fps: 8}
      infer: [{name: all, model: line-inspector, threshold: 0.3}, {name: some, model: line-inspector, threshold: 0.2, every: 700ms}, {name: part, model: line-inspector, threshold: 0.1, on: some, margin: 100%}]
      """
    ),
    ("windows of 4 a second that stand apart", "sample: {fps: 4}\ninfer: {model: window-3}"),
  ]

  @Test("Networks of windows answer the same however films are cut", arguments: CutFilms.names)
  func windowed(name: String) throws {
    let (path, seed) = (try CutFilms.path(name), CutFilms.names.firstIndex(of: name)!)
    let fit = name.contains("minutes") ? [Self.windows[1], Self.windows[3]] : Self.windows
    // Two in every run: over all films each is cut in each way.
    let chosen = Self.asked != nil ? fit : [fit[seed % fit.count], fit[(seed + 2) % fit.count]]
    for (place, one) in chosen.enumerated() {
      try check(path, [one.text], isSound: !CutFilms.doubtful.contains(name), seed: seed + place)
    }
  }

  @Test("Rendered films give the same however they are cut", arguments: CutFilms.names)
  func rendered(name: String) throws {
    try check(
      try CutFilms.path(name), isSound: !CutFilms.doubtful.contains(name), seed: CutFilms.names.firstIndex(of: name)!)
  }

  @Test(
    "Real clips give the same however they are cut",
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter { clip in
      let byteCount = (try? FileSystem.byteCount(of: TestData.path(clip))) ?? 0
      return CuttingTests.asked != nil
        ? byteCount < 1 << 20
        : ["video_90.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "rabbit320.webm"].contains(
          FileSystem.name(of: clip))
    })
  func real(clip: String) throws { try check(TestData.path(clip), isSound: nil, seed: clip.utf8.count) }

  @Test("Parts that are missing, of another pipeline, or damaged are a fault, not an answer")
  func refused() throws {
    let path = try CutFilms.path("open.mp4")
    let (index, loaded) = (try FrameIndex(path), try Lines.load(Self.pipelines[0].text))
    let parts = try #require(try answers(path, index, loaded, cutAt: [index.starts[1], index.starts[3]]))
    let other = try Lines.load(Self.pipelines[3].text)
    func merge(_ parts: [[UInt8]], _ loaded: LoadedPipeline) throws {
      let merge = try ChunkMerge(path, index: index, pipeline: loaded)
      _ = try merge.run(parts: parts.count, open: { (part) throws(Fault) in try FrameAnswerReader(parts[part]) }) {
        _, _ in
      }
    }
    try merge(parts, loaded)
    var damaged = parts[1]
    damaged[damaged.count / 2] ^= 1
    for wrong in [
      [parts[0], parts[2]], [parts[0], parts[1]], [parts[1], parts[0], parts[2]], [parts[0], damaged, parts[2]], [],
      [parts[0], Array(parts[1].dropLast(40)), parts[2]],
    ] {
      #expect(throws: Fault.self) { try merge(wrong, loaded) }
    }
    #expect(throws: Fault.self) { try merge(parts, other) }
    let gated = try Lines.load(Self.pipelines[4].text)
    #expect(throws: Fault.self) { try answers(path, index, gated, cutAt: [20]) }
  }

  // MARK: both ways

  /// What a run leaves, without times of the clock.
  private struct Left: Equatable {
    var lines: [UInt8] = []
    var table: [UInt8] = []
    var events: [UInt8]?
    var packed: [UInt8] = []
    var frames: [FrameStamp] = []
    var found: [[Prediction]] = []
    var index: [UInt8]?
    var summary = FileSummary(file: "", path: "")
    var pictures: [Gallery.Picture] = []
  }

  private func check(_ path: String, isSound: Bool?, seed: Int) throws {
    // A few in every run, all of them where many cuttings are asked for.
    let few = path.contains("minutes") ? [2, 4, 5] : [seed % 6]
    let chosen = Self.asked != nil ? Array(Self.pipelines.indices) : few
    try check(path, chosen.map { Self.pipelines[$0].text }, isSound: isSound, seed: seed)
  }

  private func check(_ path: String, _ texts: [String], isSound: Bool?, seed: Int) throws {
    let index = try FrameIndex(path)
    var dice = SeededRandom(UInt64(seed))
    for text in texts {
      let loaded = try Lines.load(text)
      let places = Array((loaded.pipeline.gate == nil ? index.starts : index.cells).dropFirst())
      let whole = try inOneGo(path, loaded)
      if isSound == true { #expect(!whole.lines.isEmpty, "\(text)") }
      if path.contains("minutes") { #expect(places.count > 1) }
      for cuts in cuttings(places, seed, &dice) {
        guard let parts = try answers(path, index, loaded, cutAt: cuts) else {
          #expect(isSound != true, "\(text)\ncut at \(cuts)")
          continue
        }
        #expect(isSound != false || whole.summary.corrupt.count == 0, "damage was not seen: \(text)\ncut at \(cuts)")
        expectSame(try inParts(path, index, loaded, parts), whole, "\(text)\ncut at \(cuts)")
      }
    }
  }

  /// Into one part, two or seven, and by chance; in all of these ways where many cuttings are asked for.
  private func cuttings(_ places: [Int], _ seed: Int, _ dice: inout SeededRandom) -> [[Int]] {
    var cuttings = [[], places.count > 1 ? [places[places.count / 2]] : places]
    cuttings.append(places.count > 6 ? (1...6).map { places[places.count * $0 / 7] } : places)
    if Self.asked == nil { cuttings = [cuttings[seed % 3]] }
    for _ in 0..<(Self.asked ?? 1) {
      let share = Double.random(in: 0.05...1, using: &dice)
      cuttings.append(places.filter { _ in Double.random(in: 0..<1, using: &dice) < share })
    }
    return cuttings
  }

  private func expectSame(_ parts: Left, _ whole: Left, _ how: String) {
    #expect(parts.frames == whole.frames, "frames: \(how)")
    #expect(parts.lines == whole.lines && parts.table == whole.table, "predictions: \(how)")
    #expect(parts.events == whole.events, "events: \(how)")
    #expect(parts.packed == whole.packed, "packed: \(how)")
    #expect(parts.summary == whole.summary, "summary: \(how)")
    #expect(parts.index == whole.index, "index: \(how)")
    #expect(parts.pictures == whole.pictures, "pictures: \(how)")
  }

  private func header(_ loaded: LoadedPipeline) -> RunHeader {
    var header = RunHeader(modelName: "m", modelDigest: loaded.digest, task: .detection)
    (header.tellsTracks, header.models, header.labels) = (true, loaded.models.map(\.identity), loaded.labels)
    return header
  }

  private func inOneGo(_ path: String, _ loaded: LoadedPipeline) throws -> Left {
    var left = Left()
    // Where pictures are not kept, they are found again.
    let keeps = !loaded.hasWindows
    let (folder, analyzer) = (TemporaryFolder(), try Analyzer(path, pipeline: loaded, keepsPictures: keeps))
    let report = try ReportWriter(
      folder.file("out"), header: header(loaded), watched: loaded.pipeline.watches ? "f" : nil,
      pictures: keeps ? nil : { (stamp) throws(Fault) in try analyzer.picture(at: stamp.index) })
    let summary = try analyzer.run(happened: report.add) { (frame, stamp, predictions) throws(Fault) in
      #expect((frame == nil) == !keeps)
      if let frame { try report.add(frame, stamp, predictions) } else { try report.add(stamp, predictions) }
      left.frames.append(stamp)
      left.found.append(predictions)
    }
    left.summary = try report.finish(summary, index: analyzer.frameIndex)
    return try whatIsLeft(left, folder, report)
  }

  private func inParts(
    _ path: String, _ index: FrameIndex, _ loaded: LoadedPipeline, _ parts: [[UInt8]]
  ) throws -> Left {
    var left = Left()
    let (folder, merge) = (TemporaryFolder(), try ChunkMerge(path, index: index, pipeline: loaded))
    let report = try ReportWriter(
      folder.file("out"), header: header(loaded), watched: loaded.pipeline.watches ? "f" : nil
    ) { (stamp) throws(Fault) in
      try merge.frame(at: stamp.index)
    }
    let open = { (part: Int) throws(Fault) in try FrameAnswerReader(parts[part]) }
    let summary = try merge.run(parts: parts.count, open: open, happened: report.add) {
      (stamp, predictions) throws(Fault) in
      try report.add(stamp, predictions)
      left.frames.append(stamp)
      left.found.append(predictions)
    }
    left.summary = try report.finish(summary, index: merge.frameIndex)
    return try whatIsLeft(left, folder, report)
  }

  private func whatIsLeft(_ told: Left, _ folder: TemporaryFolder, _ report: ReportWriter) throws -> Left {
    var left = told
    left.packed = try packed(told)
    left.lines = try FileSystem.read(folder.file("out/predictions.jsonl"))
    left.table = try FileSystem.read(folder.file("out/predictions.csv"))
    left.events = try? FileSystem.read(folder.file("out/events.jsonl"))
    left.index = try? FileSystem.read(folder.file("out/frames.index"))
    (left.summary.secondsElapsed, left.summary.stages) = (0, StageTimes())
    left.pictures = report.collector.gallery.pictures
    return left
  }

  private func packed(_ left: Left) throws -> [UInt8] {
    var packer = PackedPredictionWriter()
    for (stamp, found) in zip(left.frames, left.found) { try packer.add(stamp, found.map { ($0, "m") }) }
    let bytes = packer.drain()
    return bytes + packer.finish()
  }

  /// `nil` where a part is in doubt.
  private func answers(
    _ path: String, _ index: FrameIndex, _ loaded: LoadedPipeline, cutAt cuts: [Int]
  ) throws -> [[UInt8]]? {
    let ends = cuts + [index.count]
    var parts: [[UInt8]] = []
    for (from, to) in zip([0] + cuts, ends) {
      let bytes = Monitor([UInt8]())
      let chunk = try ChunkAnalyzer(path, index: index, frames: from..<to, source: "film", pipeline: loaded) { part in
        bytes.update { $0 += part }
      }
      guard case .answered = try chunk.run() else { return nil }
      parts.append(bytes.update { $0 })
    }
    return parts
  }
}
