import Base
import Catalog
import Items
import Store
import TestKit

@testable import Library

/// A library of its own, whose files are what they are said to be.
final class LibraryFixture: Sendable {
  let folder = TemporaryFolder()
  let library: Library

  init() throws {
    var settings = SQLiteTable.Settings()
    settings.isDurable = false
    let path = folder.file("lib")
    try FileSystem.makeFolder(path)
    library = try Library(
      path, table: try SQLiteTable("\(path)/library.db", schema: LibrarySchema.table, settings: settings))
  }

  /// Adds a file whose only contents are its text.
  func add(_ text: String, _ group: AssetGroup = AssetGroup(client: "acme"), name: String? = nil) throws -> Asset {
    let file = folder.file("in-\(text).bin")
    try FileSystem.write(Array(text.utf8), to: file)
    let draft = AssetDraft(group: group, name: name ?? "\(text).mp4")
    return try library.add(file: file, draft, scope: .all, examiner: AnyExaminer()).asset
  }

  /// Publishes an analysis with these scores.
  func analyse(_ asset: Asset, _ scores: [LabelScore], pipeline: String = "sha256:1", series: String = "p") throws {
    let head = AnalysisWriter.Head(
      pipeline: pipeline, series: series, models: [], worker: "here", engine: "none", version: "0")
    let made = try AnalysisWriter(library, asset, head).finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil)
    try library.publish(
      FinishedAnalysis(
        analysis: made.analysis, scores: scores.sorted { $0.label.isBefore($1.label) }, held: made.held), replaces: true
    )
  }
}

/// Takes any bytes for a film of ten seconds.
struct AnyExaminer: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: 10, codec: "none", format: "none",
        frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1, 2, 3])
  }
}
