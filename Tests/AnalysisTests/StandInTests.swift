import Base
import Execution
import Foundation
import Media
import Pipelines
import Predictions
import Reports
import TestKit
import Testing

@testable import Analysis

/// A rendition in a film's place: answers are told of the film's frames, the same in one go and in parts.
@Suite(.serialized, .ownThread) struct StandInTests {
  private struct Told: Equatable {
    var stamps: [FrameStamp] = []
    var found: [[Prediction]] = []
    var summary = FileSummary(file: "", path: "")
    var index: [UInt8]?
  }

  private static let tracked =
    "proxy: 180p\ninfer: {model: line-inspector, threshold: 0.2}\ntrack: {high: 0.3, new: 0.3}\nemit: {when: end}"
  private static let gated =
    "proxy: 180p@8\nsample: {fps: 4}\ngate: {motion: 0.5%, hold: 1s, lead: 1s}\ninfer: {model: line-inspector, threshold: 0.3}\ntrack: {high: 0.3, new: 0.3}"

  @Test(
    "What is found is told of the film's frames, however the rendition is cut",
    arguments: ["open.mp4", "vfr.mp4", "minutes.ts", "edit.mp4", "broken.ts"], [tracked, gated])
  func cut(name: String, text: String) throws {
    let (film, loaded) = (try CutFilms.path(name), try Lines.load(text))
    let settings = try #require(loaded.pipeline.proxy)
    let info = try #require(try StandIn.film(film, settings))
    let scratch = try ScratchRendition(of: film, info, settings)
    let standIn = scratch.standIn
    let whole = try analyzed(scratch.path, loaded, standIn)
    #expect(!whole.stamps.isEmpty && whole.found.contains { !$0.isEmpty })
    try checkStamps(whole, film, standIn)
    let index = try FrameIndex(scratch.path)
    let places = loaded.pipeline.gate == nil ? index.starts : index.cells
    // At every place, and in half.
    for cuts in [Array(places.dropFirst()), places.count > 2 ? [places[places.count / 2]] : []] {
      #expect(try merged(scratch.path, index, loaded, standIn, cuts) == whole, "\(cuts)")
    }
    #expect(try analyzed(scratch.path, loaded, StandIn(Rendition(bytes: standIn.rendition.bytes), for: info)) == whole)
  }

  @Test("Films that have no more lines and frames, and pictures, are taken as they are")
  func asTheyAre() throws {
    let film = try CutFilms.path("open.mp4")
    let info = try MediaReader(film).info
    #expect(try StandIn.film(film, RenditionSettings(height: info.size.height)) == nil)
    #expect(try StandIn.film(film, RenditionSettings(height: 4320, fps: 1000)) == nil)
    #expect(try StandIn.film(film, RenditionSettings(height: info.size.height - 2)) == info)
    #expect(try StandIn.film(film, RenditionSettings(height: 4320, fps: 1)) == info)
    let folder = TemporaryFolder()
    let size = Size(width: 64, height: 64)
    try FileSystem.write(
      try JPEG.encode(rgb: [UInt8](repeating: 9, count: size.area * 3), size: size), to: folder.file("a.jpg"))
    #expect(try StandIn.film(folder.file("a.jpg"), RenditionSettings(height: 16, fps: 1)) == nil)
  }

  /// Every frame that is told of is one of the film's, with its number, timestamp and time.
  private func checkStamps(_ told: Told, _ film: String, _ standIn: StandIn) throws {
    let reader = try MediaReader(film)
    var frames: [Int: FrameStamp] = [:]
    while let frame = try reader.next() {
      frames[frame.index] = FrameStamp(file: "film", index: frame.index, pts: frame.pts, time: frame.time)
    }
    for stamp in told.stamps { #expect(frames[stamp.index] == stamp) }
    let times = Set(frames.values.map(\.time))
    for span in told.found.joined().compactMap(\.span) {
      #expect(times.contains(span.lowerBound) && times.contains(span.upperBound))
    }
    #expect(told.summary.corrupt.count == reader.corrupt.count)
    #expect(told.summary.steps.first == .init("proxy", [("lines", 180), ("frames", standIn.rendition.origins.count)]))
    #expect(told.summary.size == reader.info.size && told.summary.codec == reader.info.codec)
  }

  private func analyzed(_ path: String, _ loaded: LoadedPipeline, _ standIn: StandIn) throws -> Told {
    var told = Told()
    let analyzer = try Analyzer(path, pipeline: loaded, naming: ("film", "film"), standIn: standIn)
    #expect(analyzer.info == standIn.film)
    let summary = try analyzer.run { (frame, stamp, predictions) throws(Fault) in
      #expect(frame?.index == stamp.index && frame?.pts == stamp.pts && frame?.time == stamp.time)
      told.stamps.append(stamp)
      told.found.append(predictions)
    }
    return timeless(told, summary, analyzer.frameIndex)
  }

  private func merged(
    _ path: String, _ index: FrameIndex, _ loaded: LoadedPipeline, _ standIn: StandIn, _ cuts: [Int]
  ) throws -> Told {
    var parts: [[UInt8]] = []
    for (from, to) in zip([0] + cuts, cuts + [index.count]) {
      let bytes = Monitor([UInt8]())
      let chunk = try ChunkAnalyzer(
        path, index: index, frames: from..<to, source: "film", pipeline: loaded, standIn: standIn
      ) { part in bytes.update { $0 += part } }
      guard case .answered = try chunk.run() else { throw Fault(.bug, "a rendition is sound") }
      parts.append(bytes.update { $0 })
    }
    var told = Told()
    let merge = try ChunkMerge(path, index: index, pipeline: loaded, naming: ("film", "film"), standIn: standIn)
    let open = { (part: Int) throws(Fault) in try FrameAnswerReader(parts[part]) }
    let summary = try merge.run(parts: parts.count, open: open) { (stamp, predictions) throws(Fault) in
      told.stamps.append(stamp)
      told.found.append(predictions)
    }
    if let first = told.stamps.first { #expect(try merge.frame(at: first.index).time == first.time) }
    return timeless(told, summary, merge.frameIndex)
  }

  private func timeless(_ told: Told, _ summary: FileSummary, _ index: PackedFrameIndex?) -> Told {
    var told = told
    (told.summary, told.index) = (summary, index?.bytes)
    (told.summary.secondsElapsed, told.summary.stages) = (0, StageTimes())
    return told
  }
}
