import Base
import Catalog
import Items
import LibraryKit
import Store
import TestKit

@testable import Library

/// A library of its own, whose files are what they are said to be.
final class LibraryFixture: Sendable {
  let ground: Ground
  let library: Library
  var folder: TemporaryFolder { ground.folder }

  init(_ parts: Parts, clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }) throws {
    ground = try Ground(parts)
    library = try ground.library(clock: clock)
  }

  /// In a table that is given, with a folder of its own.
  init(over table: any Table) throws {
    ground = try Ground(.embedded)
    library = try ground.library(over: table)
  }

  /// Adds a file whose only contents are its text.
  func add(_ text: String, _ group: AssetGroup = AssetGroup(client: "acme"), name: String? = nil) throws -> Asset {
    let file = folder.file("in-\(text).bin")
    try FileSystem.write(Array(text.utf8), to: file)
    let draft = AssetDraft(group: group, name: name ?? "\(text).mp4")
    return try library.add(file: file, draft, scope: .all, examiner: AnyExaminer()).asset
  }

  /// All that a client is told; a page may end before what another transaction may still precede.
  func events(of client: String, after position: ChangePosition = .beginning) throws -> [AssetEvent] {
    var page = try library.events(of: client, scope: .client(client), after: position)
    var events = page.events
    while page.hasMore {
      page = try library.events(of: client, scope: .client(client), after: page.position)
      events += page.events
    }
    return events
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
