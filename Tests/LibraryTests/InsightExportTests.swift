import Base
import Catalog
import Exports
import Insights
import LibraryKit
import TestKit
import Testing

@testable import Library

/// What was concluded of a film, exported from a library: read back as it was, or refused with what to run.
struct InsightExportTests {
  private static let breaks: BreakList = {
    var list = BreakList()
    let evidence = BreakEvidence(visual: 0.71, silence: nil, black: 1, shot: 0.9)
    list.breaks = [
      StoryBreak(time: 4.4, frame: 110, score: 0.8125, rank: 1, evidence: evidence),
      StoryBreak(
        time: 7, frame: 175, score: 0.5, rank: 2, evidence: BreakEvidence(visual: nil, silence: 1, black: 0, shot: 0.5)),
    ]
    return list
  }()

  private static let shots = ShotList(
    shots: [
      Shot(start: 0, end: 4.4, startFrame: 0, endFrame: 109),
      Shot(
        start: 4.8, end: 10, startFrame: 120, endFrame: 249,
        transitionIn: ShotTransition(kind: .gradual, from: 109, to: 120, score: 0.75)),
    ], black: [BlackSpan(start: 4.4, end: 4.8, startFrame: 110, endFrame: 119)])

  private func analyse(_ fixture: LibraryFixture, _ asset: Asset, _ report: InsightReport?) throws -> Analysis {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:\(report == nil ? 1 : 2)", series: report == nil ? "plain" : "told", models: [], worker: "here",
      engine: "none", version: "0")
    let made = try AnalysisWriter(fixture.library, asset, head).finish(
      framesAnalyzed: 250, corruptFrames: 0, frameIndex: nil, evenRate: Ratio(25, 1), insights: report)
    try fixture.library.publish(made, replaces: true)
    return made.analysis
  }

  private func bytes(
    _ fixture: LibraryFixture, _ asset: Asset, _ analysis: Analysis, _ kind: ExportKind,
    _ options: ExportOptions = ExportOptions()
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try fixture.library.export(asset, analysis, as: kind, options) { bytes += $0 }
    return bytes
  }

  @Test(arguments: Parts.there)
  func `shots and breaks are exported as they were told`(_ parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let asset = try fixture.add("film")
    var report = InsightReport()
    (report.shots, report.breaks) = (Self.shots, Self.breaks)
    let analysis = try analyse(fixture, asset, report)
    var exported = ExportedAsset(
      id: asset.id.text, name: asset.name, isPicture: false, size: asset.media.size, duration: 10,
      frameRate: Ratio(25, 1))
    exported.pipeline = "sha256:2"
    exported.analysedEvery = nil
    for format in InsightFormat.allCases {
      let options = ExportOptions(adTag: "https://a.example/?b&c", breakLength: 30)
      let direct =
        format.part == .breaks
        ? try BreakExport.bytes(Self.breaks, of: exported, as: format, options)
        : try ShotExport.bytes(Self.shots, of: exported, as: format)
      #expect(try bytes(fixture, asset, analysis, .concluded(format), options) == direct, "\(format)")
      #expect(direct.count > 100)
    }
    let text = String(decoding: try bytes(fixture, asset, analysis, .concluded(.scte35)), as: UTF8.self)
    #expect(text.contains("other pictures follow") && text.contains("\"pts_time\":396000"))
  }

  @Test(arguments: Parts.there)
  func `an analysis that tells of none is refused with what to run, and the newest that does is found`(_ parts: Parts)
    throws
  {
    let fixture = try LibraryFixture(parts)
    let asset = try fixture.add("film")
    var report = InsightReport()
    report.shots = Self.shots
    let (told, plain) = (try analyse(fixture, asset, report), try analyse(fixture, asset, nil))
    for analysis in [told, plain] {
      let fault = try #require(throws: Fault.self) { _ = try bytes(fixture, asset, analysis, .concluded(.vmap)) }
      #expect(fault.kind == .notFound && fault.message.contains("--pipeline breaks"))
    }
    let all = [plain, told]
    #expect(try Library.analyses(all, for: .concluded(.shotsCSV), of: asset).map(\.pipeline) == [told.pipeline])
    #expect(try Library.analyses(all, for: .predictions(.csv), of: asset).count == 2)
    #expect(throws: Fault.self) { _ = try Library.analyses(all, for: .concluded(.scte35), of: asset) }
  }

  @Test func `wishes that a format has no place for are refused`() throws {
    try ExportOptions(adTag: "x").check(.concluded(.vmap), named: ("tag", "length"))
    try ExportOptions(breakLength: 3).check(.concluded(.scte35), named: ("tag", "length"))
    #expect(throws: Fault.self) { try ExportOptions(adTag: "x").check(.concluded(.scte35), named: ("tag", "length")) }
    #expect(throws: Fault.self) {
      try ExportOptions(breakLength: 3).check(.predictions(.coco), named: ("tag", "length"))
    }
    #expect(ExportKind.allCases.allSatisfy { ExportKind(rawValue: $0.rawValue) == $0 })
    #expect(Set(ExportKind.allCases.map(\.rawValue)).count == ExportKind.allCases.count)
    #expect(Set(ExportKind.allCases.map(\.fileEnding)).count == ExportKind.allCases.count)
  }
}
